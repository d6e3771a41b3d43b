"""Real Chromium by its own driver: pages at a width, in a scheme, with all that they asked for."""

from __future__ import annotations

import base64
import json
import shutil
import time
from pathlib import Path

AXE = Path(__file__).parent / "axe" / "axe.min.js"
"""axe-core of npm, which finds faults of accessibility; its licence (MPL-2.0) lies beside it."""

SERIOUS = ("serious", "critical")


def missing():
    """Why there is no browser here, or nothing."""
    try:
        import selenium  # noqa: F401
    except ImportError:
        return "selenium is not installed"
    absent = [name for name in ("chromium", "chromedriver") if shutil.which(name) is None]
    return (
        f"{' and '.join(absent)}: not installed (apt-get install chromium chromium-driver)"
        * bool(absent)
    )


def until(told, seconds=5.0):
    """What a question is answered with as soon as it is answered with yes."""
    end = time.monotonic() + seconds
    while not (answer := told()) and time.monotonic() < end:
        time.sleep(0.05)
    return answer


class Browser:
    """One Chromium, steered by WebDriver and its own protocol."""

    def __init__(self):
        from selenium import webdriver

        options = webdriver.ChromeOptions()
        options.binary_location = shutil.which("chromium")
        for argument in (
            *("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--hide-scrollbars"),
            *("--disable-gpu", "--no-first-run", "--disable-background-networking"),
        ):
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        service = webdriver.ChromeService(shutil.which("chromedriver"))
        self.driver = webdriver.Chrome(options=options, service=service)
        self.driver.set_page_load_timeout(60)

    def open(self, url, width=1280, *, dark=False, script=True):
        """Load a page from nothing at a width of CSS pixels."""
        self.driver.get("about:blank")
        self.complaints(), self.requested()
        self.command(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=900,
            deviceScaleFactor=1,
            mobile=width < 500,
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.command("Emulation.setEmulatedMedia", features=[scheme])
        self.command("Emulation.setScriptExecutionDisabled", value=not script)
        self.driver.get(url)

    def command(self, name, **given):
        """One command of Chromium's own protocol."""
        return self.driver.execute_cdp_cmd(name, given)

    def run(self, script, *given):
        """The value of a script in the page."""
        return self.driver.execute_script(script, *given)

    def find(self, selector):
        """All elements that a selector finds."""
        return self.driver.find_elements("css selector", selector)

    def shown(self, selector):
        """Those of them that can be seen."""
        return [each for each in self.find(selector) if each.is_displayed()]

    def complaints(self):
        """What the console was told since last time, warnings and errors."""
        return [
            each["message"]
            for each in self.driver.get_log("browser")
            if each["level"] in ("WARNING", "SEVERE")
        ]

    def requested(self):
        """The addresses that were asked for since last time."""
        messages = (
            json.loads(each["message"])["message"] for each in self.driver.get_log("performance")
        )
        return [
            each["params"]["request"]["url"]
            for each in messages
            if each["method"] == "Network.requestWillBeSent"
        ]

    def faults(self):
        """What axe-core finds serious: rule, and the elements."""
        self.run(AXE.read_text(encoding="utf-8"))
        found = self.driver.execute_async_script(
            "const done = arguments[arguments.length - 1];"
            "const failed = (e) => done([{id: String(e), impact: 'critical', nodes: []}]);"
            "axe.run(document).then((found) => done(found.violations), failed);"
        )
        return [
            (each["id"], [node["html"][:160] for node in each["nodes"]][:4])
            for each in found
            if each["impact"] in SERIOUS
        ]

    def picture(self, path):
        """The whole page as a PNG."""
        height = self.run("return document.documentElement.scrollHeight")
        width = self.run("return document.documentElement.clientWidth")
        clip = {"x": 0, "y": 0, "width": width, "height": min(height, 6000), "scale": 1}
        shot = self.command("Page.captureScreenshot", clip=clip, captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(shot["data"]))

    def close(self):
        """End the browser."""
        self.driver.quit()
