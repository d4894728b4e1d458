"""A HubSpot of its own, after the published description of Communication Preferences v4 and of the GDPR deletion of contacts.

hubspot.py TOKEN [MODE]. Prints "port N". GET /state answers what it holds and every call it had. MODE:
  honest       does what it says (the standard)
  lies         says 200 and does nothing
  busy         429 with Retry-After to the first call, then honest
  silent-busy  429 to the first call, and not for how long, then honest
  limited      429, and not for how long, to what is more than ten calls in half a second
  drip         the first read is answered a byte every tenth of a second, then honest
  broken       500 to the first call, then honest
  malformed    answers that are no JSON to the first read, then honest
"""
import json
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TOKEN, MODE = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else "honest"
UNSUBSCRIBE = "/communication-preferences/v4/statuses/batch/unsubscribe-all"
TIME = "2026-01-01T00:00:00Z"
state = {
    "calls": [], "unsubscribed": [], "deleted": [], "limited": 0,
    "faults": 0 if MODE in ("honest", "lies", "limited") else 1}
times, lock = [], threading.Lock()


def is_over_limit():
    with lock:
        times[:] = [one for one in times if time.monotonic() - one < 0.5]
        if len(times) >= 10:
            state["limited"] += 1
            return True
        times.append(time.monotonic())
        return False


class HubSpot(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, body=None, headers=()):
        text = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def problem(self, status, category, headers=()):
        self.answer(status, {
            "status": "error", "message": category, "correlationId": "aeb5f871-7f07-4993-9211-075dc63e7cbf",
            "category": category}, headers)

    def drip(self):
        self.send_response(200)
        self.send_header("Content-Length", "16000")
        self.end_headers()
        try:
            while True:
                self.wfile.write(b" ")
                time.sleep(0.1)
        except OSError:
            self.close_connection = True

    def do_GET(self):
        self.answer(200, state)

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        path, _, query = self.path.partition("?")
        state["calls"].append(path)
        if self.headers["Authorization"] != "Bearer " + TOKEN:
            return self.problem(401, "INVALID_AUTHENTICATION")
        if MODE == "limited" and is_over_limit():
            return self.problem(429, "RATE_LIMITS")
        if state["faults"] and (MODE not in ("malformed", "drip") or path.endswith("/read")):
            state["faults"] -= 1
            if MODE in ("busy", "silent-busy"):
                return self.problem(429, "RATE_LIMITS", [("Retry-After", "1")] if MODE == "busy" else [])
            if MODE == "drip":
                return self.drip()
            return self.answer(200, b'{"results": [') if MODE == "malformed" else self.problem(500, "INTERNAL")
        if path in (UNSUBSCRIBE, UNSUBSCRIBE + "/read") and query != "channel=EMAIL":
            return self.problem(400, "VALIDATION_ERROR")
        if path == UNSUBSCRIBE:
            if MODE != "lies":
                state["unsubscribed"] += body["inputs"]
            return self.answer(200, {
                "status": "COMPLETE", "startedAt": TIME, "completedAt": TIME,
                "results": [{"subscriberIdString": one, "statuses": []} for one in body["inputs"]]})
        if path == UNSUBSCRIBE + "/read":
            return self.answer(200, {
                "status": "COMPLETE", "startedAt": TIME, "completedAt": TIME,
                "results": [
                    {"subscriberIdString": one, "wideStatuses": [{
                        "subscriberIdString": one, "wideStatusType": "PORTAL_WIDE", "status": "UNSUBSCRIBED",
                        "channel": "EMAIL", "timestamp": TIME}]}
                    for one in body["inputs"] if one in state["unsubscribed"]]})
        if path == "/crm/v3/objects/contacts/gdpr-delete" and body.get("idProperty") == "email":
            state["deleted"].append(body["objectId"])
            return self.answer(204)
        return self.problem(404, "NOT_FOUND")


server = ThreadingHTTPServer(("127.0.0.1", 0), HubSpot)
print("port", server.server_address[1], flush=True)
server.serve_forever()
