"""Receivers with nothing but the standard library of Python.

The process listens on a free port of the loopback interface, says which in a line of
JSON, and ends when its standard input does. It speaks like server.js beside it.
"""

import base64
import hashlib
import hmac
import json
import os
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TOLERANCE = 5 * 60  # seconds between a timestamp and the clock


def verify_integify(secret, headers, body):
    header = headers.get("X-Integify-Signature", "")
    if not header.startswith("sha256="):
        return False
    expected = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected, header)


def verify_smsgate(secret, headers, body):
    timestamp = headers.get("X-Timestamp", "")
    if not timestamp.isdigit() or abs(time.time() - int(timestamp)) > TOLERANCE:
        return False
    expected = hmac.new(secret.encode(), body + timestamp.encode(), hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected, headers.get("X-Signature", ""))


def verify_standard(secret, headers, body):
    timestamp = headers.get("webhook-timestamp", "")
    if not timestamp.isdigit() or abs(time.time() - int(timestamp)) > TOLERANCE:
        return False
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{headers.get('webhook-id')}.{timestamp}.".encode() + body
    own = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return any(hmac.compare_digest(own, s) for s in headers.get("webhook-signature", "").split(" "))


def understand_integify(event):
    understood = {k: event[k] for k in ("id", "type", "created_at")}
    if event["type"] == "sms.delivered":
        understood["message_id"] = event["data"]["message_id"]
    elif event["type"] == "sms.failed":
        understood["message_id"] = event["data"]["message_id"]
        understood["status"] = event["data"]["status"]
    elif event["type"] == "sms.received":
        understood["from"] = event["data"]["from"]
    return understood


def understand_smsgate(event):
    understood = {k: event[k] for k in ("id", "webhookId", "event", "deviceId")}
    if "phoneNumber" in event["payload"]:
        understood["phoneNumber"] = event["payload"]["phoneNumber"]
    return understood


def understand_standard(event):
    return {"type": event["type"], "timestamp": event["timestamp"], "data": list(event["data"])}


KINDS = {
    "integify": (verify_integify, understand_integify),
    "smsgate": (verify_smsgate, understand_smsgate),
    "standard": (verify_standard, understand_standard),
}

receivers = {}  # id: {"secrets", "requests"}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        parts = self.path.split("/")
        if len(parts) == 2:
            self.answer(200, {"kinds": [f"python/{kind}" for kind in KINDS]})
        else:
            self.answer(200, {"requests": receivers[parts[2]]["requests"]})

    def do_PUT(self):
        secrets = json.loads(self.body())["secrets"]
        receivers.setdefault(self.path.split("/")[2], {"requests": []})["secrets"] = secrets
        self.answer(200, {})

    def do_POST(self):
        _, _, kind, id = self.path.split("/")
        body = self.body()
        verify, understand = KINDS[kind]
        receiver = receivers[id]
        request = {
            "method": self.command,
            "query": "",
            "headers": [text for pair in self.headers.items() for text in pair],
            "body": base64.b64encode(body).decode(),
            "status": 500,
            "understood": None,
        }
        receiver["requests"].append(request)
        if any(verify(secret, self.headers, body) for secret in receiver["secrets"]):
            request["understood"] = understand(json.loads(body))
            request["status"] = 200
            self.answer(200, {"ok": True})
        else:
            request["status"] = 401
            self.answer(401, {"detail": "Invalid signature"})

    def body(self):
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def answer(self, code, value):
        body = json.dumps(value).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        if not isinstance(sys.exc_info()[1], ConnectionError):  # senders may hang up
            super().handle_error(request, client_address)


def main():
    server = Server(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(json.dumps({"port": server.server_port}), flush=True)
    sys.stdin.read()
    os._exit(0)


main()
