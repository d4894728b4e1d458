"""A relay that goes wrong once and then is right: smtp_faults.py STAGE FAULT. Prints "port N", then a line for each message.

STAGE: greeting, ehlo, from, to, data, message. FAULT: cut, silent, oversize, garbage, or a reply as "421 4.3.2 gone".
"""
import socket
import sys

STAGES = {"greeting": b"", "ehlo": b"EHLO", "from": b"MAIL", "to": b"RCPT", "data": b"DATA", "message": b"."}


def read_line(file):
    return file.readline(100_000)


def fault(connection, kind):
    if kind == "cut":
        connection.shutdown(socket.SHUT_RDWR)
    elif kind == "silent":
        connection.settimeout(30)
        try:
            while connection.recv(1000):
                pass
        except OSError:
            pass
    elif kind == "oversize":
        try:
            while True:
                connection.sendall(b"250-" + b"x" * 1000 + b"\r\n")
        except OSError:
            pass
    elif kind == "garbage":
        connection.sendall(b"\xff\xfe hello there\r\n")
    else:
        connection.sendall(kind.encode() + b"\r\n")


def serve(connection, stage, kind):
    file = connection.makefile("rb")
    if stage == "greeting":
        return fault(connection, kind)
    connection.sendall(b"220 relay.example\r\n")
    while line := read_line(file):
        word = line[:4].upper().strip()
        if stage and word == STAGES[stage]:
            return fault(connection, kind)
        if word == b"EHLO":
            connection.sendall(b"250-relay.example\r\n250 8BITMIME\r\n")
        elif word == b"DATA":
            connection.sendall(b"354 go on\r\n")
            text = b""
            while (part := read_line(file)) not in (b".\r\n", b""):
                text += part
            if stage == "message":
                return fault(connection, kind)
            connection.sendall(b"250 2.0.0 taken\r\n")
            print("taken", len(text), flush=True)
        elif word == b"QUIT":
            connection.sendall(b"221 bye\r\n")
            return
        else:
            connection.sendall(b"250 OK\r\n")


with socket.create_server(("127.0.0.1", 0)) as server:
    print("port", server.getsockname()[1], flush=True)
    stage, kind = sys.argv[1], sys.argv[2]
    while True:
        connection, _ = server.accept()
        with connection:
            try:
                serve(connection, stage, kind)
            except OSError:
                pass
        stage = ""
