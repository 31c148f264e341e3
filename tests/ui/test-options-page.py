# test-options-page.py: the wizard's page of options, and walking to it and back.
#
# SPDX-License-Identifier: GPL-3.0-or-later
import wizard as harness


class OptionsPage(harness.Case):
    def walk(self):
        udisks = self.start_udisks()
        udisks.add('a')
        wizard = self.start_with_edition()
        wizard.press('Stick a', 'check box')
        wizard.press('Next')
        wizard.get('label', '^Options$')
        return wizard

    def test_defaults(self):
        wizard = self.walk()
        self.check_names(wizard)
        for name, on in [('Read Back', True), ('Power Off', True), ('Encrypted', False)]:
            node = wizard.get('toggle button|check box|switch', name)
            self.assertEqual(node.has('checked'), on, name)
            self.assertTrue(node.description, name)

    def test_switches(self):
        wizard = self.walk()
        wizard.press('Encrypted', 'toggle button|check box|switch')
        wizard.get('toggle button|check box|switch', 'Encrypted', 'checked')
        wizard.press('^Back$')
        wizard.get('check box', 'Stick a', 'checked')
        wizard.press('Next')
        wizard.get('toggle button|check box|switch', 'Encrypted', 'checked')


if __name__ == '__main__':
    harness.main()
