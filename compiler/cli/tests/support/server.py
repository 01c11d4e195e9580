"""A stdio MCP server with two tools."""

import json
import sys

SCHEMA = {"type": "object", "properties": {"shelf": {"type": "string"}}}
TOOLS = [{"name": name, "inputSchema": SCHEMA} for name in ("drop_article", "get_article")]


def result(message):
    method, params = message["method"], message.get("params", {})
    if method == "initialize":
        info = {"name": "kb", "version": "1"}
        return {"protocolVersion": "2025-11-25", "capabilities": {"tools": {}}, "serverInfo": info}
    if method == "tools/list":
        return {"tools": TOOLS}
    if method == "tools/call":
        shelf = params.get("arguments", {}).get("shelf")
        text = "this is " + params["name"] + (" of shelf " + shelf if shelf else "")
        return {"content": [{"type": "text", "text": text}]}
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
