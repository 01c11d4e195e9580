"""A stdio MCP server that does whatever its caller asks for, good or bad."""

import json
import os
import signal
import subprocess
import sys
import time

MODE = sys.argv[1] if len(sys.argv) > 1 else "older"
held, cancelled = [], []


def write(text):
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def send(**message):
    write(json.dumps({"jsonrpc": "2.0", **message}))


def answer(id, text):
    send(id=id, result={"content": [{"type": "text", "text": text}]})


def call(id, name, arguments, meta):
    if name == "echo":
        # As raw text, with what a JSON library would change.
        write('{"jsonrpc":"2.0","result":{"z":1e400,"a":"\\u00e9","id":5,  "content":[]},"id":%s}' % id)
    elif name == "meta":
        answer(id, json.dumps(meta))
    elif name == "big":
        answer(id, "x" * arguments["bytes"])
    elif name == "steps":
        for step in range(arguments["steps"]):
            progress = {"progressToken": meta.get("progressToken"), "progress": step}
            send(method="notifications/progress", params=progress)
        if not arguments.get("hold"):
            answer(id, "done")
    elif name == "hold":
        held.append(id)
    elif name == "held":
        answer(id, str(len(held)))
    elif name == "release":
        for other in reversed(held):
            answer(other, f"released {other}")
        held.clear()
        answer(id, "done")
    elif name == "cancelled":
        answer(id, json.dumps(cancelled))
    elif name == "crash":
        os._exit(3)
    elif name == "garbage":
        write("no JSON\n[]\n{}\n\xff\n" + '{"id":999,"result":{}}')
        sys.stdout.buffer.write(b"\xff\xfe\n")
        sys.stdout.flush()
        answer(id, "done")
    elif name == "flood":
        for _ in range(50_000):
            sys.stderr.write("x" * 99 + "\n")
        sys.stderr.write("y" * 1_000_000 + "\n")
        answer(id, "done")
    elif name == "ask":
        send(id="a", method="ping")
        send(id="b", method="sampling/createMessage", params={})
        answers = [json.loads(sys.stdin.readline()) for _ in range(2)]
        answer(id, json.dumps(answers))
    elif name == "family":
        grandchild = subprocess.Popen(["sleep", "1000"])
        answer(id, json.dumps([os.getpid(), grandchild.pid]))
    else:
        send(id=id, error={"code": -32602, "message": f"Unknown tool: {name}"})


if MODE == "stubborn":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)

for line in sys.stdin:
    message = json.loads(line)
    id, method, params = message.get("id"), message.get("method"), message.get("params", {})
    if method == "initialize" and MODE != "newer":
        send(
            id=id,
            result={
                "protocolVersion": "2025-11-25",
                "capabilities": {"tools": {}},
                "serverInfo": {"name": "test", "version": "1"},
            },
        )
    elif method == "server/discover" and MODE == "newer":
        send(id=id, result={"supportedVersions": ["2026-07-28"], "resultType": "complete"})
    elif method == "tools/call":
        call(id, params["name"], params.get("arguments", {}), params.get("_meta", {}))
    elif method == "notifications/cancelled":
        cancelled.append(params["requestId"])
        if params["requestId"] in held:
            held.remove(params["requestId"])
    elif id is not None:
        send(id=id, error={"code": -32601, "message": "Method not found"})

while MODE == "stubborn":
    time.sleep(1000)
