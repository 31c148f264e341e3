# window.py: opens the installed wizard with an image, on a screen that nobody sees.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
# usage: window.py APPLICATION IMAGE PICTURE
#
# For check.py, which runs it as an ordinary user beside the modules of tests/ui. Prints what is to
# be read in the window, and ends with an error where it does not open.
import os
import shutil
import subprocess
import sys

import desktop
import tree
import wizard as harness


class Sandboxed(tree.Tree):
    """The tree of a program in a sandbox: on the bus, its process is the proxy's."""
    program = 'valise-wizard'

    def find_program(self):
        for name, _ in self.ask_one(tree.ROOT, tree.ACCESSIBLE, 'GetChildren', name=tree.REGISTRY):
            self.name = name
            if self.get_properties([tree.ROOT], 'Name') == [self.program]:
                return True
        self.name = None
        return False


def main():
    desktop.enter()
    application, given, picture = sys.argv[1:]
    # The sandbox has this folder of the user's, and no other.
    image = os.path.join(os.environ['HOME'], '.var/app', application, 'data/sample.wim')
    os.makedirs(os.path.dirname(image))
    shutil.copyfile(given, image)
    harness.PROGRAMS.update(wizard='flatpak', settings='/nonexistent')
    harness.Tree = Sandboxed
    window = harness.Wizard('run', application, image)
    window.wait(lambda: [node for node in window.nodes() if node.role == 'radio button'],
                'an edition of the image', 60)
    for node in window.nodes():
        if node.role in ('label', 'radio button', 'push button') and node.name.strip():
            print(f'{node.role}: {node.name}')
    desktop.screenshot(picture)
    subprocess.run(['flatpak', 'kill', application], check=True)
    window.process.wait()


if __name__ == '__main__':
    main()
