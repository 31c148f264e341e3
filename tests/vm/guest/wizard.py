# wizard.py: goes through the wizard's pages in the guest, and says where it is.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
# usage: wizard.py IMAGE MODEL WORDS…     ends when there is a text with the last of the words; each
#                                         that appears is said
import json
import os
import sys

sys.path.insert(0, '/opt/valise/ui')
# The guest is emulated, and has its own system bus.
os.environ.update(VALISE_TEST_PATIENCE='400', VALISE_TEST_SYSTEM_BUS='real')

# pylint: disable=wrong-import-position
import wizard as harness


def say(event, **words):
    print(json.dumps({'event': event, **words}), flush=True)


def main():
    image, model, *wanted = sys.argv[1:]
    harness.PROGRAMS.update(wizard='/opt/valise/valise-wizard', settings='/opt/valise/settings')
    wizard = harness.Wizard(image)
    say('window')
    wizard.press('Pro', 'radio button')
    wizard.press('Next')
    wizard.get_text('^Drives$')
    node = wizard.get('check box', model)
    say('drive', name=node.name, description=node.description)
    wizard.press(model, 'check box')
    wizard.press('Next')
    wizard.get_text('^Options$')
    wizard.press('Next')
    wizard.get_text('^Review$')
    say('review')
    wizard.press('Everything on th', 'check box')
    wizard.press('Erase and Write')
    say('agreed')
    for words in wanted:
        say('text', words=words, text=wizard.get_text(words).name)
    say('end', texts=wizard.texts(), unnamed=wizard.unnamed())
    wizard.end()


main()
