"""Opens pages as a person's browser does, with scripts on, and presses their buttons where it is told to.

    visit.py look URL…     opens each and stays a moment
    visit.py press URL…    opens each, presses its main button, and prints the heading of what follows
"""

import sys
import time

from gallery import open_browser

STAY_SECONDS = 1


def main():
    what, urls = sys.argv[1], sys.argv[2:]
    browser = open_browser()
    try:
        for url in urls:
            browser.get(url)
            if not browser.execute_script("return 1 + 1 === 2"):
                sys.exit("scripts are off")
            if what == "press":
                browser.find_element("css selector", "button.main").click()
            time.sleep(STAY_SECONDS)
            print(browser.find_element("css selector", "h1").text)
            if browser.get_cookies():
                sys.exit("the page set a cookie")
    finally:
        browser.quit()


main()
