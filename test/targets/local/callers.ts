import http from "node:http";
import { callMessage, type RpcAnswer } from "../../gateway/fixture.ts";

/** What became of the calls of many callers. */
export interface Calls {
  /** The texts of the answers. */
  readonly answers: string[];
  /** Each call that got no answer, or an error. */
  readonly lost: string[];
  stop(): Promise<void>;
}

/**
 * Calls a tool without a pause: half of the callers on kept connections, some of which think between their calls, and
 * half by a new connection for each call.
 */
export function startCalling(url: string, tool: string, { callers = 12, token = "", args = {} } = {}): Calls {
  const kept = new http.Agent({ keepAlive: true });
  const answers: string[] = [];
  const lost: string[] = [];
  let stopped = false;
  const one = async (caller: number) => {
    while (!stopped) {
      try {
        const { result, error } = await call(
          caller % 2 === 0 ? kept : false,
          url,
          token,
          callMessage(tool, args),
        );
        const text = result?.content?.[0]?.text;
        if (text === undefined || result?.isError) lost.push(error?.message ?? JSON.stringify(result));
        else answers.push(text);
      } catch (error) {
        lost.push(String((error as NodeJS.ErrnoException).code ?? error));
      }
      if (caller % 3 === 0) await new Promise((done) => setTimeout(done, Math.random() * 60));
    }
  };
  const done = Promise.all(Array.from({ length: callers }, (_, caller) => one(caller)));
  return {
    answers,
    lost,
    async stop() {
      stopped = true;
      await done;
      kept.destroy();
    },
  };
}

function call(agent: http.Agent | false, url: string, token: string, body: unknown): Promise<RpcAnswer> {
  return new Promise((resolve, reject) => {
    const headers = {
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      ...(token && { authorization: `Bearer ${token}` }),
    };
    const request = http.request(url, { agent, method: "POST", headers }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk) => {
        text += chunk;
      });
      response.on("end", () => resolve(JSON.parse(text)));
      response.on("error", reject);
    });
    request.on("error", reject).end(JSON.stringify(body));
  });
}
