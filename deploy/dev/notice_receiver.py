"""A receiver of notices that fails as often as it is told to, and keeps count of what it was told.

notice_receiver.py SECRET [--fail FRACTION] [--seed N] [--answer STATUS] [--header NAME VALUE] [--huge] [--slow SECONDS]
    [--drip SECONDS] [--limit N]
Prints "port N". GET /report answers JSON: taken, refused, repeated, unsigned, and out-of-order: notices of one person that
came, the first time, after a later one of that person; late: those that came again after a later one. Every signature is
checked by the PyPI package standardwebhooks. --drip: takes a notice, and then sends a byte of a long answer every so often;
--limit: answers 429, and not for how long, to what is more than so many in a second.
"""
import argparse
import asyncio
import json
import random
import time

from standardwebhooks.webhooks import Webhook, WebhookVerificationError


class Receiver:
    def __init__(self, options):
        self.options = options
        self.webhook = Webhook(options.secret)
        self.random = random.Random(options.seed)
        self.seen, self.last, self.bodies = set(), {}, []
        self.counts = {"taken": 0, "refused": 0, "repeated": 0, "unsigned": 0, "out-of-order": 0, "late": 0}
        self.addressed = 0
        self.times = []

    def take(self, headers, body):
        counts = self.counts
        try:
            self.webhook.verify(body, headers)
        except WebhookVerificationError:
            counts["unsigned"] += 1
            return 401
        if self.options.answer:
            counts["refused"] += 1
            return self.options.answer
        if self.options.limit:
            now = time.monotonic()
            self.times = [one for one in self.times if now - one < 1]
            if len(self.times) >= self.options.limit:
                counts["refused"] += 1
                return 429
            self.times.append(now)
        if self.random.random() < self.options.fail:
            counts["refused"] += 1
            # A receiver that fails after it has taken the notice is the worst: the same comes again.
            if self.random.random() < 0.5:
                return 500
            return self.record(headers, body, 502)
        return self.record(headers, body, 200)

    def record(self, headers, body, status):
        event = json.loads(body)
        if headers["webhook-id"] in self.seen:
            self.counts["repeated"] += 1
            self.counts["late"] += event["data"]["act-id"] < self.last[event["subject"]]
            return status
        self.seen.add(headers["webhook-id"])
        self.counts["taken"] += 1
        self.addressed += "address" in event["data"]
        number = event["data"]["act-id"]
        if number < self.last.get(event["subject"], 0):
            self.counts["out-of-order"] += 1
        self.last[event["subject"]] = max(number, self.last.get(event["subject"], 0))
        if len(self.bodies) < 20:
            self.bodies.append({"headers": {k: v for k, v in headers.items() if k.startswith("webhook-")}, "body": body})
        return status

    async def drip(self, writer, status):
        writer.write(f"HTTP/1.1 {status} x\r\nContent-Length: 16000\r\n\r\n".encode())
        while True:
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(self.options.drip)

    async def serve(self, reader, writer):
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
                headers = {k.lower(): v for k, v in (line.split(": ", 1) for line in head[1:] if ": " in line)}
                body = (await reader.readexactly(int(headers.get("content-length", "0")))).decode()
                if head[0].startswith("GET /report"):
                    status, text = 200, json.dumps(self.counts | {
                        "persons": len(self.last), "addressed": self.addressed, "bodies": self.bodies})
                else:
                    if self.options.slow:
                        await asyncio.sleep(self.options.slow)
                    status, text = self.take(headers, body), "{}"
                    if self.options.drip:
                        await self.drip(writer, status)
                more = "".join(f"{name}: {value}\r\n" for name, value in self.options.header or [])
                if self.options.huge:
                    text = "x" * 50_000_000
                writer.write(f"HTTP/1.1 {status} x\r\n{more}Content-Length: {len(text)}\r\n\r\n{text}".encode())
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("secret")
    parser.add_argument("--fail", type=float, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--answer", type=int)
    parser.add_argument("--header", nargs=2, action="append")
    parser.add_argument("--huge", action="store_true")
    parser.add_argument("--slow", type=float, default=0)
    parser.add_argument("--drip", type=float, default=0)
    parser.add_argument("--limit", type=int, default=0)
    receiver = Receiver(parser.parse_args())
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0)
    print("port", server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main())
