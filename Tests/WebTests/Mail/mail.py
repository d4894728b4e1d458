"""A mail as a mail tool sends it: fields from the verdict, signed, checked, and answered by its reader's provider."""

import base64
import email.message
import email.policy
import email.utils
import http.client
import json
import subprocess
import sys
import tempfile
import urllib.parse

import dkim

import rfc8058

SERVICE, KEY, PUBLIC = sys.argv[1:4]
DOMAIN, SELECTOR = b"firma.example", b"m1"
# The standard policy folds at 78 characters and cuts a long URI into encoded words; one line may have 998 octets.
POLICY = email.policy.SMTP.clone(max_line_length=rfc8058.LINE_OCTETS_MAX)


def call(method, path, body=None, headers=None):
    host = urllib.parse.urlsplit(SERVICE).netloc
    connection = http.client.HTTPConnection(host, timeout=30)
    connection.request(method, path, body=body, headers=headers or {})
    answer = connection.getresponse()
    text = answer.read()
    connection.close()
    return answer, text


def ask(path, document):
    answer, text = call(
        "POST", path, json.dumps(document), {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"})
    assert 200 <= answer.status < 300, (path, answer.status, text)
    return json.loads(text)


def key_pair():
    with tempfile.NamedTemporaryFile() as file:
        subprocess.run(["openssl", "genrsa", "-out", file.name, "2048"], check=True, capture_output=True)
        private = open(file.name, "rb").read()
        public = subprocess.run(
            ["openssl", "rsa", "-in", file.name, "-pubout", "-outform", "DER"], check=True, capture_output=True).stdout
    return private, b"v=DKIM1; k=rsa; p=" + base64.b64encode(public)


def mail(address, verdict):
    message = email.message.EmailMessage(policy=POLICY)
    message["From"] = "Stratsys <news@firma.example>"
    message["To"] = address
    message["Subject"] = "Nyheter i vår"
    message["Date"] = email.utils.formatdate()
    message["Message-ID"] = email.utils.make_msgid(domain="firma.example")
    for name, value in verdict["headers"].items():
        message[name] = value
    message.set_content("Hei!\r\n\r\nIkke flere slike? " + verdict["links"]["unsubscribe"] + "\r\n")
    return message.as_bytes()


def signed(octets, private, *, cover=(b"list-unsubscribe", b"list-unsubscribe-post")):
    head = [b"from", b"to", b"subject", b"date", b"message-id"]
    return dkim.sign(octets, SELECTOR, DOMAIN, private, include_headers=head + list(cover)) + octets


def press(url, content_type, body):
    """As RFC 8058 has it: nothing but the body and its type, no cookie, no redirect followed."""
    assert url.startswith(PUBLIC + "/"), url
    answer, text = call("POST", url[len(PUBLIC):], body, {"Content-Type": content_type})
    assert answer.status == 200, (answer.status, text)
    for name in ("Location", "Set-Cookie", "Refresh", "WWW-Authenticate"):
        assert answer.getheader(name) is None, name
    return text


def reader(address, content_type, body, private, dns):
    ask("/v1/contacts", {"address": address})
    question = {"address": address, "purpose": "newsletter", "topic": "events", "campaign": "vår 2026"}
    verdict = ask("/v1/eligibility", question)
    assert verdict["eligible"] is True, verdict
    plain = mail(address, verdict)
    octets = signed(plain, private)
    assert rfc8058.faults(octets, dns) == [], rfc8058.faults(octets, dns)
    negatives(plain, octets, private, dns)

    value = dict(rfc8058.fields(octets))["list-unsubscribe"]
    url = rfc8058.uris(value)[0]
    assert url == verdict["links"]["unsubscribe"]
    for method in ("HEAD", "GET", "GET"):
        answer, _ = call(method, url[len(PUBLIC):])
        assert answer.status == 200, (method, answer.status)
    assert ask("/v1/eligibility", question)["eligible"] is True, "reading the page changed something"
    press(url, content_type, body)
    refused = ask("/v1/eligibility", question)
    assert (refused["eligible"], refused["reason"]) == (False, "unsubscribed"), refused
    assert "headers" not in refused and "links" not in refused
    press(url, content_type, body)
    print(f"{address}: one mail of {len(octets)} octets, conformant; pressed twice, refused since {refused['entry']['since']}")


def negatives(plain, octets, private, dns):
    """The checker sees what is wrong: each of these is not one-click."""
    uri = b"List-Unsubscribe: <https"
    broken = {
        "changed after signing": octets.replace(b"/u/A", b"/u/B", 1),
        "not signed": plain,
        "signature without the fields": signed(plain, private, cover=()),
        "signature without the second field": signed(plain, private, cover=(b"list-unsubscribe",)),
        "no post field": signed(plain.replace(b"List-Unsubscribe-Post:", b"X-Post:"), private, cover=(b"list-unsubscribe",)),
        "http": signed(plain.replace(uri, b"List-Unsubscribe: <http"), private),
        "two web addresses": signed(plain.replace(uri, b"List-Unsubscribe: <https://a.example/>, <https"), private),
        "mailto first": signed(plain.replace(uri, b"List-Unsubscribe: <mailto:a@b.example>, <https"), private),
        "without brackets": signed(plain.replace(uri, b"List-Unsubscribe: https"), private),
        "two fields": signed(b"List-Unsubscribe: <https://a.example/>\r\n" + plain, private),
        "another post value": signed(plain.replace(b"=One-Click", b"=one-click"), private),
        "folded by a mail library": signed(
            email.message_from_bytes(plain, policy=email.policy.SMTP.clone(refold_source="all")).as_bytes(), private),
    }
    for name, octets in broken.items():
        assert rfc8058.faults(octets, dns) != [], f"the checker let pass: {name}"


def main():
    private, record = key_pair()
    name = SELECTOR + b"._domainkey." + DOMAIN + b"."

    def dns(asked, timeout=5):
        return record if asked == name else None

    reader("kari@firma.example", "application/x-www-form-urlencoded", "List-Unsubscribe=One-Click", private, dns)
    part = '--b8058\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--b8058--\r\n'
    reader("ola+nytt@firma.example", "multipart/form-data; boundary=b8058", part, private, dns)


main()
