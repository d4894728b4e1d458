"""Whether a mail offers one-click unsubscribing as RFC 8058 asks for: what a mailbox provider looks at before it shows the
button. Reads the octets of the mail itself, so that nothing is repaired on the way."""

import re

import dkim

# RFC 5322 2.1.1: octets of a line without its end.
LINE_OCTETS_MAX = 998
URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]+")


def fields(mail):
    """The header fields in order, each as (name in lower case, octets behind the colon with their line ends)."""
    head = mail.split(b"\r\n\r\n", 1)[0] + b"\r\n"
    found = []
    for line in head.split(b"\r\n")[:-1]:
        if line[:1] in (b" ", b"\t"):
            found[-1][1] += b"\r\n" + line
        else:
            name, _, value = line.partition(b":")
            found.append([name.decode("ascii").lower(), value])
    return [(name, value + b"\r\n") for name, value in found]


def uris(value):
    """The URIs of a List-* field (RFC 2369 2): in angle brackets, comma separated; what is not ends the list."""
    text = re.sub(r"\r\n(?=[ \t])", "", value.decode("ascii")).strip()
    text = re.sub(r"\([^()]*\)", "", text)
    found = []
    for item in text.split(","):
        item = item.strip()
        if not (item.startswith("<") and item.endswith(">")):
            break
        found.append(item[1:-1])
    return found


def faults(mail, dns):
    """Everything that keeps the mail from being one-click; empty for one that is. `dns` answers TXT queries."""
    found = []
    head = mail.split(b"\r\n\r\n", 1)[0]
    for line in head.split(b"\r\n"):
        if len(line) > LINE_OCTETS_MAX:
            found.append(f"a header line has {len(line)} octets")
    everything = fields(mail)
    lists = [value for name, value in everything if name == "list-unsubscribe"]
    posts = [value for name, value in everything if name == "list-unsubscribe-post"]
    # 3.1: one List-Unsubscribe and one List-Unsubscribe-Post header field.
    if len(lists) != 1:
        found.append(f"{len(lists)} List-Unsubscribe fields")
    if len(posts) != 1:
        found.append(f"{len(posts)} List-Unsubscribe-Post fields")
    # 5: "List-Unsubscribe-Post:" 0*1WSP postarg CRLF.
    for post in posts:
        if not re.fullmatch(rb"[ \t]?List-Unsubscribe=One-Click\r\n", post):
            found.append(f"List-Unsubscribe-Post is {post!r}")
    # 3.1: one HTTPS URI, and others that are not HTTP or HTTPS; the left-most is taken first (RFC 2369 3).
    for value in lists:
        if any(octet > 126 for octet in value):
            found.append("List-Unsubscribe is not ASCII")
            continue
        addresses = uris(value)
        web = [uri for uri in addresses if uri.lower().startswith(("https:", "http:"))]
        if len(web) != 1 or not web[0].lower().startswith("https://"):
            found.append(f"{len(web)} web URIs, where one HTTPS URI must be")
        if not addresses or not addresses[0].lower().startswith("https://"):
            found.append("the first URI is not the HTTPS one")
        for uri in addresses:
            if not URI.fullmatch(uri):
                found.append(f"no URI: {uri!r}")
        if b"=?" in value:
            found.append("List-Unsubscribe was cut into encoded words")
    return found + signature_faults(mail, everything, dns)


def signature_faults(mail, everything, dns):
    """3.1 and 4: a valid DKIM signature whose h= names both fields."""
    signatures = [value for name, value in everything if name == "dkim-signature"]
    if not signatures:
        return ["no DKIM signature"]
    reasons = []
    for index, value in enumerate(signatures):
        text = re.sub(rb"\s+", b"", value)
        tags = dict(tag.split(b"=", 1) for tag in text.split(b";") if b"=" in tag)
        signed = tags.get(b"h", b"").lower().split(b":")
        missing = [name for name in (b"list-unsubscribe", b"list-unsubscribe-post") if name not in signed]
        if missing:
            reasons.append(f"h= lacks {missing}")
        elif not dkim.DKIM(mail).verify(idx=index, dnsfunc=dns):
            reasons.append("the DKIM signature does not verify")
        else:
            return []
    return reasons
