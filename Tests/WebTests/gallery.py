"""Looks at every page with headless Chromium.

    gallery.py PAGES.json SCREENSHOTS

PAGES.json is a list of {name, language, status, headers, html, shots}. Each page is served on this machine exactly as the
service would answer, opened at 360 and 1280 px in light and dark, photographed where shots is true, and read by axe-core
against WCAG 2.2 AA and its best practices. Nothing may run over the edge at 320 px (1.4.10), also with letters at 200 %
(1.4.4), no message may appear in the console, and the style must have been let in. Prints what is wrong; exit 1 if
anything is.
"""

import base64
import http.server
import json
import pathlib
import sys
import threading

from axe_core_python.selenium import Axe
from selenium import webdriver

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]
# What WCAG 2.2 adds at AA and this axe-core does not know yet: 2.5.8. A box's label is part of its target.
TARGET_PIXELS = 24
WIDTHS = [360, 1280]
HEIGHT = 800


def serve(pages):
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            page = pages.get(self.path.split("?")[0])
            self.send_response(page["status"] if page else 404)
            for name, value in page["headers"] if page else []:
                self.send_header(name, value)
            body = page["html"].encode() if page else b""
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_address[1]


def open_browser():
    options = webdriver.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    for argument in [
        "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars",
        "--force-color-profile=srgb", "--lang=nb",
    ]:
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    return webdriver.Chrome(options=options, service=webdriver.ChromeService("/usr/bin/chromedriver"))


class Viewer:
    def __init__(self, browser):
        self.browser = browser
        self.axe = Axe()

    def size(self, width, scheme):
        self.browser.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": HEIGHT, "deviceScaleFactor": 1, "mobile": False})
        self.browser.execute_cdp_cmd(
            "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]})

    def shoot(self, file):
        shot = self.browser.execute_cdp_cmd("Page.captureScreenshot", {"captureBeyondViewport": True})
        file.write_bytes(base64.b64decode(shot["data"]))

    def violations(self):
        found = self.axe.run(self.browser, options={"runOnly": {"type": "tag", "values": TAGS}})
        for violation in found["violations"]:
            for node in violation["nodes"]:
                yield f"axe {violation['id']}: {violation['help']}: {node['html'][:160]} {node['failureSummary'][:300]}"
        if not found["passes"]:
            yield "axe looked at nothing"

    def small_targets(self):
        return self.browser.execute_script(
            "return [...document.querySelectorAll('a, button, label, input:not([type=hidden])')].filter(e => {"
            " const b = e.getBoundingClientRect(); return b.width < arguments[0] || b.height < arguments[0]})"
            ".map(e => e.outerHTML.slice(0, 120))", TARGET_PIXELS)

    def overflow(self):
        """Elements that stick out to the right of the window."""
        return self.browser.execute_script(
            "const w = document.documentElement.clientWidth;"
            "return [...document.querySelectorAll('body *')].filter(e => !e.closest('.away')"
            " && e.getBoundingClientRect().right > w + 1).map(e => e.outerHTML.slice(0, 120))")

    def look(self, page, url, folder):
        self.browser.get(url)
        if self.browser.execute_script("return getComputedStyle(document.body).marginTop") != "0px":
            yield "the style was not let in"
        for scheme in ["light", "dark"]:
            for width in WIDTHS if page["shots"] else WIDTHS[:1]:
                self.size(width, scheme)
                if page["shots"]:
                    self.shoot(folder / f"{page['name']}-{page['language']}-{width}-{scheme}.png")
                for problem in self.violations() if width == WIDTHS[0] or scheme == "light" else []:
                    yield f"{width} px, {scheme}: {problem}"
        self.size(320, "light")
        for element in self.overflow():
            yield f"320 px: over the edge: {element}"
        for element in self.small_targets():
            yield f"320 px: smaller than {TARGET_PIXELS} px: {element}"
        self.size(1280, "light")
        self.browser.execute_script("document.documentElement.style.fontSize = '200%'")
        for element in self.overflow():
            yield f"200 %: over the edge: {element}"
        for line in self.browser.get_log("browser"):
            # The page's own status, and the icon that every browser asks for.
            if "favicon" not in line["message"] and "Failed to load resource" not in line["message"]:
                yield f"console: {line['message']}"


def main():
    listed = json.loads(pathlib.Path(sys.argv[1]).read_text())
    folder = pathlib.Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    pages = {f"/{page['language']}/{page['name']}": page for page in listed}
    port = serve(pages)
    browser = open_browser()
    wrong = 0
    try:
        viewer = Viewer(browser)
        for path, page in pages.items():
            for problem in viewer.look(page, f"http://127.0.0.1:{port}{path}", folder):
                wrong += 1
                print(f"{path}: {problem}")
    finally:
        browser.quit()
    print(f"{len(pages)} pages, {wrong} faults")
    sys.exit(1 if wrong or not pages else 0)


if __name__ == "__main__":
    main()
