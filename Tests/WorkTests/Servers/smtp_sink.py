"""An SMTP sink: prints "port N", then a line of JSON for every message it takes.

smtp_sink.py [--tls CERT KEY] [--auth USER PASSWORD] [--login-only] [--no-utf8] [--fail-first N CODE] [--refuse ADDRESS CODE]
"""
import argparse
import asyncio
import json
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword


class Sink:
    def __init__(self, options):
        self.options = options
        self.failures = int(options.fail_first[0]) if options.fail_first else 0

    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
        if self.options.refuse and address == self.options.refuse[0]:
            return self.options.refuse[1]
        if self.failures > 0:
            self.failures -= 1
            return self.options.fail_first[1]
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server, session, envelope):
        print(json.dumps({
            "from": envelope.mail_from, "to": envelope.rcpt_tos, "tls": session.ssl is not None,
            "user": (session.auth_data.login.decode() if session.auth_data else None),
            "options": envelope.mail_options, "text": envelope.original_content.decode("utf-8"),
        }), flush=True)
        return "250 2.0.0 taken"


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--tls", nargs=2)
    parser.add_argument("--auth", nargs=2)
    parser.add_argument("--login-only", action="store_true")
    parser.add_argument("--no-utf8", action="store_true")
    parser.add_argument("--fail-first", nargs=2)
    parser.add_argument("--refuse", nargs=2)
    options = parser.parse_args()
    settings = {"enable_SMTPUTF8": not options.no_utf8, "hostname": "sink.example", "timeout": 60}
    if options.tls:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(*options.tls)
        settings |= {"tls_context": context, "require_starttls": True}
    if options.auth:
        def authenticate(server, session, envelope, mechanism, data):
            good = isinstance(data, LoginPassword) and [data.login.decode(), data.password.decode()] == options.auth
            return AuthResult(success=good, auth_data=data if good else None)
        settings |= {"authenticator": authenticate, "auth_required": True, "auth_require_tls": bool(options.tls)}
        if options.login_only:
            settings["auth_exclude_mechanism"] = ["PLAIN"]
    sink = Sink(options)
    server = await asyncio.get_running_loop().create_server(lambda: SMTP(sink, **settings), "127.0.0.1", 0)
    print("port", server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if sys.platform != "win32":
    asyncio.run(main())
