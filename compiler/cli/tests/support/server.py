"""A stdio MCP server with two tools."""

import json
import sys

TOOLS = [{"name": name, "inputSchema": {"type": "object"}} for name in ("drop_article", "get_article")]


def result(message):
    method, params = message["method"], message.get("params", {})
    if method == "initialize":
        info = {"name": "kb", "version": "1"}
        return {"protocolVersion": "2025-11-25", "capabilities": {"tools": {}}, "serverInfo": info}
    if method == "tools/list":
        return {"tools": TOOLS}
    if method == "tools/call":
        return {"content": [{"type": "text", "text": "this is " + params["name"]}]}
    return None


for line in sys.stdin:
    message = json.loads(line)
    if "id" not in message or "method" not in message:
        continue
    reply = {"jsonrpc": "2.0", "id": message["id"]}
    answer = result(message)
    if answer is None:
        reply["error"] = {"code": -32601, "message": "Method not found"}
    else:
        reply["result"] = answer
    print(json.dumps(reply), flush=True)
