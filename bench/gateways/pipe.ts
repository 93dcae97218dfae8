/** The limit of what a gateway on Node can reach: it forwards, and does nothing else. `node pipe.ts PORT TARGET-PORT` */
import http from "node:http";

const [port, target] = process.argv.slice(2).map(Number);
const agent = new http.Agent({ keepAlive: true });
const server = http.createServer((request, response) => {
  const { method, url: path, headers } = request;
  const out = http.request({ host: "127.0.0.1", port: target, agent, method, path, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  request.pipe(out);
});
server.keepAliveTimeout = 60_000;
server.listen(port, "127.0.0.1");
