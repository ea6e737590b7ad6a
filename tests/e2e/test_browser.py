"""With RENXIN_TEST_LONG=1: a real browser opens /docs. The page lists every part of the interface, the browser has nothing to complain
of, and no request leaves our origin. RENXIN_CHROMIUM names the browser; when it is not set it is `chromium`, which `./dev test --long`
installs."""
import json
import os
import subprocess
import tempfile
import threading
import unittest
import urllib.parse

from harness import administrator, eventually, suite

SERVICES = ('gateway',)
LONG = bool(os.environ.get('RENXIN_TEST_LONG'))
CHROMIUM = os.environ.get('RENXIN_CHROMIUM', 'chromium')
# What the browser does on its own account is turned off; what is left is the page's doing.
QUIET = ('--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--disable-background-networking', '--disable-component-update',
         '--disable-sync', '--disable-default-apps', '--no-first-run', '--no-pings', '--remote-debugging-pipe')
SECONDS = 60


class Chromium:
    """A browser with one page, told what to do over its debugging pipe; keeps every event of the page."""

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory(prefix='renxin-browser-')
        to_read, self.to = os.pipe()
        self.back, to_write = os.pipe()

        def as_three_and_four():
            first, second = os.dup(to_read), os.dup(to_write)      # out of the way of 3 and 4
            os.dup2(first, 3)
            os.dup2(second, 4)
        self.process = subprocess.Popen(
            [CHROMIUM, *QUIET, f'--user-data-dir={self.folder.name}/profile', 'about:blank'], stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, close_fds=False, preexec_fn=as_three_and_four,
            env={**os.environ, 'HOME': self.folder.name})
        os.close(to_read)
        os.close(to_write)
        self.events, self.answers, self.number, self.session = [], {}, 0, None
        threading.Thread(target=self.listen, daemon=True).start()
        target = self.ask('Target.createTarget', url='about:blank')['targetId']
        self.session = self.ask('Target.attachToTarget', targetId=target, flatten=True)['sessionId']
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        os.close(self.to)
        self.folder.cleanup()

    def listen(self):
        rest = b''
        while piece := os.read(self.back, 1 << 16):
            *whole, rest = (rest + piece).split(b'\0')
            for message in map(json.loads, whole):
                if 'id' in message:
                    self.answers[message['id']] = message
                else:
                    self.events.append((message['method'], message['params']))
        os.close(self.back)

    def ask(self, method, **parameters):
        self.number += 1
        number = self.number
        message = {'id': number, 'method': method, 'params': parameters, **({'sessionId': self.session} if self.session else {})}
        os.write(self.to, json.dumps(message).encode() + b'\0')
        answer = eventually(SECONDS, lambda: self.answers.pop(number, None), f'an answer to {method}')
        if 'error' in answer:
            raise AssertionError(f'{method}: {answer["error"]}')
        return answer['result']

    def value(self, expression):
        return self.ask('Runtime.evaluate', expression=expression, returnByValue=True)['result'].get('value')

    def reported(self, *methods):
        return [parameters for method, parameters in list(self.events) if method in methods]


class Browser(unittest.TestCase):
    def test_the_explorer_in_a_browser(self):
        url = suite()['url']
        tags = administrator().with_token(None).get('/openapi.json').expect(200).json['tags']
        with Chromium() as browser:
            for domain in ('Page', 'Network', 'Runtime', 'Log'):
                browser.ask(f'{domain}.enable')
            browser.ask('Security.setIgnoreCertificateErrors', ignore=True)     # the suite's authority is not the browser's
            browser.ask('Page.navigate', url=f'{url}/docs')
            shown = "[...document.querySelectorAll('[data-tag]')].map(tag => tag.dataset.tag)"
            eventually(SECONDS, lambda: len(browser.value(shown)) >= len(tags), 'the page')
            self.assertEqual(sorted(browser.value(shown)), [tag['name'] for tag in tags])
            self.assertTrue(browser.value("document.querySelector('.btn.authorize') !== null"))
            asked = {request['request']['url'] for request in browser.reported('Network.requestWillBeSent')}
            self.assertIn(f'{url}/openapi.json', asked)
            self.assertEqual({urllib.parse.urlsplit(one).netloc for one in asked if not one.startswith('data:')}, {urllib.parse.urlsplit(url).netloc})
            self.assertEqual(browser.reported('Runtime.consoleAPICalled', 'Runtime.exceptionThrown', 'Log.entryAdded', 'Network.loadingFailed'), [])


if not LONG:
    del Browser     # a browser is 300 MB to install


if __name__ == '__main__':
    unittest.main()
