module mcp-infra.dev/test/kubernetes/foreign-server

go 1.24.0
