# drag.py: files that are dragged onto the wizard.
#
# SPDX-License-Identifier: GPL-3.0-or-later
import os
import subprocess
import threading
import time

from tree import Atspi

# Below the window, which is not as high as the screen.
BELOW = (20, 780)

# In the window, whatever its size.
MIDDLE = (180, 300)


class Files:
    """A window with files that can be dragged from it."""

    def __init__(self, wizard, *paths, place=BELOW):
        self.wizard = wizard
        self.place = place
        self.said = []
        # pylint: disable=consider-using-with
        self.process = subprocess.Popen(
            [os.environ['VALISE_DRAG_SOURCE'], *map(str, place), *paths], stdout=subprocess.PIPE,
            text=True, env=dict(os.environ, GTK_A11Y='none'))
        self.thread = threading.Thread(target=self.listen)
        self.thread.start()
        self.wait('ready')

    def listen(self):
        for line in self.process.stdout:
            self.said.append(line.strip())

    def wait(self, *words):
        """Waits until it has said one of the words; returns which."""
        return self.wizard.wait(lambda: next((word for word in words if word in self.said), None),
                                ' or '.join(words) + ' from the source of the drag')

    @staticmethod
    def move(begin, end, steps=12):
        for i in range(1, steps + 1):
            Atspi.generate_mouse_event(
                begin[0] + (end[0] - begin[0]) * i // steps,
                begin[1] + (end[1] - begin[1]) * i // steps, 'abs')
            time.sleep(0.02)

    def drag(self):
        """Drags the files into the window."""
        begin = (self.place[0] + 40, self.place[1] + 40)
        Atspi.generate_mouse_event(*begin, 'b1p')
        self.move(begin, (begin[0] + 40, begin[1]))
        self.wait('begun')
        self.move(begin, MIDDLE)

    def drop(self):
        Atspi.generate_mouse_event(*MIDDLE, 'b1r')
        return self.wait('taken', 'refused')

    def end(self):
        self.process.terminate()
        self.process.wait()
        self.thread.join()
        self.process.stdout.close()
