// An MCP server by nobody we know: one static program, alone in its image. As `stdio` it speaks on standard input and
// output, as `http` statelessly on the port that PORT names. Its one tool, echo, says which machine answers.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"syscall"
)

const protocolVersion = "2025-11-25"

type request struct {
	ID     json.RawMessage `json:"id"`
	Method string          `json:"method"`
	Params struct {
		Name      string `json:"name"`
		Arguments struct {
			Message string `json:"message"`
		} `json:"arguments"`
	} `json:"params"`
}

type fault struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
}

type response struct {
	Version string          `json:"jsonrpc"`
	ID      json.RawMessage `json:"id"`
	Result  any             `json:"result,omitempty"`
	Error   *fault          `json:"error,omitempty"`
}

type object = map[string]any

// answer gives no response to a notification.
func answer(message []byte) *response {
	var asked request
	if err := json.Unmarshal(message, &asked); err != nil {
		return &response{Version: "2.0", ID: json.RawMessage("null"), Error: &fault{-32700, err.Error()}}
	}
	if asked.ID == nil {
		return nil
	}
	result, failure := perform(asked)
	return &response{Version: "2.0", ID: asked.ID, Result: result, Error: failure}
}

func perform(asked request) (any, *fault) {
	switch asked.Method {
	case "initialize":
		return object{
			"protocolVersion": protocolVersion,
			"capabilities":    object{"tools": object{}},
			"serverInfo":      object{"name": "foreign", "version": "1.0.0"},
		}, nil
	case "ping":
		return object{}, nil
	case "tools/list":
		schema := object{
			"type":       "object",
			"properties": object{"message": object{"type": "string"}},
			"required":   []string{"message"},
		}
		tool := object{"name": "echo", "description": "Says it back, and who does.", "inputSchema": schema}
		return object{"tools": []any{tool}}, nil
	case "tools/call":
		if asked.Params.Name != "echo" {
			return nil, &fault{-32602, "there is no tool " + asked.Params.Name}
		}
		host, _ := os.Hostname()
		text := fmt.Sprintf("%s from %s", asked.Params.Arguments.Message, host)
		return object{"content": []any{object{"type": "text", "text": text}}}, nil
	}
	return nil, &fault{-32601, "there is no method " + asked.Method}
}

func stdio() error {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20)
	out := json.NewEncoder(os.Stdout)
	for lines.Scan() {
		if said := answer(lines.Bytes()); said != nil {
			if err := out.Encode(said); err != nil {
				return err
			}
		}
	}
	return lines.Err()
}

func serve() error {
	http.HandleFunc("POST /mcp", func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		said := answer(body)
		if said == nil {
			w.WriteHeader(http.StatusAccepted)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(said)
	})
	server := &http.Server{Addr: ":" + os.Getenv("PORT")}
	ended, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	go func() {
		<-ended.Done()
		server.Shutdown(context.Background())
	}()
	return server.ListenAndServe()
}

func main() {
	modes := map[string]func() error{"stdio": stdio, "http": serve}
	mode := modes[append(os.Args, "")[1]]
	if mode == nil {
		fmt.Fprintln(os.Stderr, "usage: server stdio|http")
		os.Exit(2)
	}
	if err := mode(); err != nil && err != http.ErrServerClosed {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
