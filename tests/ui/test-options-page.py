# test-options-page.py: the wizard's page of options, and walking to it and back.
#
# SPDX-License-Identifier: GPL-3.0-or-later
import json
import time

import company_files
import desktop
import wizard as harness


class OptionsPage(harness.Case):
    def walk(self, env=None):
        udisks = self.start_udisks()
        udisks.add('a')
        return self.walk_on(env)

    def walk_on(self, env=None):
        wizard = self.start_with_edition(env=env)
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
        # The sample's boot manager is nobody's.
        wizard.get_text('boot manager is not')
        wizard.press('Encrypted', 'toggle button|check box|switch')
        wizard.get('toggle button|check box|switch', 'Encrypted', 'checked')
        wizard.press('^Back$')
        wizard.get('check box', 'Stick a', 'checked')
        wizard.press('Next')
        wizard.get('toggle button|check box|switch', 'Encrypted', 'checked')

    def test_layout(self):
        """Old PCs are offered, told of on the page of review, and remembered."""
        env = {'GSETTINGS_BACKEND': 'keyfile'}
        wizard = self.walk(env)
        new = wizard.get('radio button', '^New PCs')
        old = wizard.get('radio button', '^Old and New PCs')
        self.assertTrue(new.has('checked'))
        if not old.has('sensitive'):
            self.assertIn('GRUB', old.description)
            self.skipTest('this build has no GRUB for BIOS')
        self.assertIn('2 TiB', old.description)
        wizard.press('^Old and New PCs', 'radio button')
        wizard.get('radio button', '^Old and New PCs', 'checked')
        wizard.press('Next')
        wizard.get_text('For old and new PCs')
        wizard.press('^Back$')
        wizard.get('radio button', '^Old and New PCs', 'checked')
        time.sleep(0.2)  # the settings are written a moment later
        wizard.process.terminate()
        wizard.process.wait()
        wizard = self.walk_on(env)
        wizard.get('radio button', '^Old and New PCs', 'checked')
        wizard.press('^New PCs', 'radio button')
        wizard.press('Next')
        wizard.get_text('For new PCs')

    @staticmethod
    def read(wizard, name):
        return wizard.get('text', name).get_text()

    def fill(self, wizard, name, text):
        """Clicks on a row and types."""
        wizard.get('text', name).click()
        wizard.type(text)
        wizard.wait(lambda: self.read(wizard, name).endswith(text), f'“{text}” in {name}')

    def choose(self, wizard, row, steps, shown='^Standard user$'):
        """Chooses from a row's list with the keyboard."""
        wizard.get('combo box', row).click()
        wizard.get('label', shown)
        for _ in range(steps):
            wizard.key('Down')
        wizard.key('Return')

    def test_rows(self):
        """The groups, one after another; each run of the wizard takes its time."""
        wizard = self.walk()
        self.check_virtual_disk(wizard)
        self.choose(wizard, 'Compact System', 5, '^LZX, smallest$')
        wizard.press('Next')
        wizard.get_text('Windows is compressed')
        wizard.press('^Back$')
        self.check_owner(wizard)
        self.check_company(wizard)

    def check_virtual_disk(self, wizard):
        """Off and folded away; what is chosen is still there when one comes back."""
        row = wizard.get('list item', '^Windows in a Virtual Disk File')
        row.click()
        self.assertFalse(wizard.get('text', '^Size, such as 64G').has('sensitive'))
        self.choose(wizard, '^Format', 2, '^VHDX$')
        wizard.wait(lambda: wizard.get('text', '^Size, such as 64G').has('sensitive'), 'a size')
        self.fill(wizard, '^Size, such as 64G', '50G')
        wizard.press('Next')
        wizard.get('label', '^Review$')
        wizard.get_text('lies in a virtual disk')
        wizard.press('^Back$')
        self.assertEqual(self.read(wizard, '^Size, such as 64G'), '50G')

    def check_owner(self, wizard):
        """The rows of an account, what does not fit together, and what was typed is still there."""
        self.assertIsNone(wizard.find('text', '^Account Name'))
        self.choose(wizard, '^Account$', 1)
        wizard.get('text', '^Account Name')
        self.check_names(wizard)
        wizard.press('Next')
        wizard.get_text('The account has no name')
        self.fill(wizard, '^Account Name', 'Guest')
        wizard.press('Next')
        wizard.get_text('“Guest” is a name that Windows uses itself')
        self.fill(wizard, '^Account Name', 'a')
        wizard.press('Next')
        wizard.get('label', '^Review$')
        wizard.get_text('Account “Guesta”')
        wizard.press('^Back$')
        self.assertEqual(self.read(wizard, '^Account Name'), 'Guesta')

    def check_company(self, wizard):
        """Policies are behind an expander; one more row comes with what needs it."""
        # The message would be clicked on.
        wizard.wait(lambda: not wizard.find('filler', 'AdwToastWidget'), 'the message to go')
        wizard.get('list item', '^Policies').click()
        self.assertIsNone(wizard.find('text', '^Folder for Recovery Keys'))
        wizard.press('Encrypt at the First', 'check box')
        wizard.get('text', '^Folder for Recovery Keys')
        self.check_names(wizard)
        self.fill(wizard, '^Folder for Recovery Keys', 'keys')
        wizard.press('Next')
        wizard.get_text('“keys” is not a folder for recovery keys')

    def test_profile(self):
        """What a profile says, shows in the rows, and on the page of review."""
        with open(self.path('a.json'), 'w', encoding='utf-8') as file:
            json.dump({'format': 'valise-profile', 'formatVersion': 1,
                       'account': {'kind': 'administrator', 'name': 'anna'},
                       'computer': {'name': 'HELP-{n}'}, 'drive': {'verify': False},
                       'portable': {'internalDisks': 'online', 'portableOs': True},
                       'region': {'timeZone': 'Asia/Tokyo'}}, file)
        udisks = self.start_udisks()
        udisks.add('a')
        wizard = self.start(self.sample('sample.wim'), self.path('a.json'))
        wizard.press('Enterprise', 'radio button')
        wizard.press('Next')
        wizard.press('Stick a', 'check box')
        wizard.press('Next')
        self.assertEqual(self.read(wizard, '^Account Name'), 'anna')
        self.assertFalse(wizard.get('check box', 'Read Back').has('checked'))
        # What tells of the profile would be clicked on, where it lies over the row.
        wizard.wait(lambda: not wizard.find('label', 'profile was loaded'), 'the message to go')
        wizard.get('label', '^Windows on Other PCs$').click()
        for name, on in [('Leave the Disks', False), ('Do Not Encrypt', True),
                         ('Shut Down', True), ('Without Internet', True), ('Portable', True)]:
            node = wizard.get('toggle button|check box|switch', name)
            self.assertEqual(node.has('checked'), on, name)
            self.assertTrue(node.description, name)
        wizard.press('Shut Down', 'toggle button|check box|switch')
        wizard.press('Next')
        wizard.get_text('Account “anna”')
        wizard.get_text('Computer name: HELP-{n}')

    def test_company_profile(self):
        """All of a profile shows; what is wrong with its files is said; what is removed is gone."""
        profile = company_files.make_profile(self.folder)
        self.start_udisks().add('a')
        wizard = self.start(self.sample('sample.wim'), profile)
        wizard.press('Enterprise', 'radio button')
        wizard.press('Next')
        wizard.press('Stick a', 'check box')
        wizard.press('Next')
        wizard.get_text('The profile wants “Education”')
        for said in ['drive.cache=67108864', 'firstStart.skipLicense=true', 'portable.extend=false',
                     '2 changes|3 changes', '4 chosen · 1 cannot be used']:
            wizard.get_text(said)
        wizard.wait(lambda: not wizard.find('label', 'profile was loaded'), 'the message to go')
        self.check_region(wizard)
        self.check_saving(wizard, profile)
        wizard.press('Next')
        wizard.get_text('key=clear')  # what is wrong keeps the page, and is said
        # The message lies over rows that are to be clicked, and under the pointer it would stay.
        wizard.get('filler', 'AdwToastWidget')
        wizard.wait(lambda: not wizard.find('filler', 'AdwToastWidget'), 'the message to go')
        wizard.get('list item', '^Drivers').click()
        wizard.get_text('2 drivers fit · 1 does not fit')
        wizard.get_text('phone.inf .Acme Devices, Bluetooth.: It is for other processors: arm64')
        wizard.get_text('net.inf .Acme Devices, Net.: It fits.')
        wizard.get('list item', '^Networks and').click()
        wizard.get_text('Acme Root; valid until')
        self.check_names(wizard)
        wizard.press('^Remove “bound.xml”')
        wizard.get_text('^3 chosen$')
        wizard.press('Next')
        wizard.get('label', '^Review$')
        wizard.get_text('2 drivers fit · 1 does not fit')
        self.check_loading(wizard)

    @staticmethod
    def wait_search(wizard):
        def look():
            entry = wizard.find('entry', '^Search')
            return entry and any(node.has('focused') for node in entry.walk())
        wizard.wait(look, 'an entry to search in')

    def search(self, wizard, row, typed, value):
        """Chooses from a row by typing into its list."""
        wizard.get('combo box', row).click()
        self.wait_search(wizard)
        self.check_names(wizard)
        wizard.type(typed)
        wizard.get('label', value)
        wizard.key('Return')
        wizard.wait(lambda: not wizard.find('entry', '^Search'), 'the list to go')
        wizard.wait(lambda: wizard.get('combo box', row).find('label', value), f'{value} in {row}')

    def check_region(self, wizard):
        """Languages, keyboards and zones have names, and are found by typing; or by their codes."""
        wizard.get('list item', '^Another Region').click()
        self.search(wizard, '^Keyboard', '0407:00000407;de-CH', '^0407:00000407;de-CH$')
        self.search(wizard, '^Dates and Numbers', 'ÖSTERREICH', '^German .Austria.$|^de-AT$')
        self.search(wizard, '^Time Zone', 'asia/tokyo', '^.UTC.09:00. Tokyo|^Tokyo Standard Time$')
        wizard.get('combo box', '^Time Zone').click()
        self.wait_search(wizard)
        wizard.type('nowhere at all')
        wizard.get_text('^Nothing found$')
        wizard.key('Escape')
        wizard.wait(lambda: not wizard.find('entry', '^Search'), 'the list to go')
        wizard.wait(lambda: wizard.get('combo box', '^Time Zone').has('focused'), 'the keyboard')
        wizard.get('list item', '^Another Region').click()

    def choose_file(self, wizard, item, path):
        """Takes an entry of the menu of profiles, and a path in GTK's dialog."""
        wizard.get('push button', '^Profile$').click()
        wizard.get('menu item', item).click()
        wizard.wait(lambda: any(node.role == 'dialog' or 'Profile' in node.name
                                for node in wizard.application.children()),
                    'the dialog')
        time.sleep(1)
        desktop.arrange()
        # In the dialog that saves, the name has the keyboard; in the other, a slash begins a path.
        if 'Save' in item:
            wizard.key('a', 'Control')
        wizard.type(path)
        time.sleep(1)
        wizard.key('Return')

    def check_saving(self, wizard, profile):
        """What is saved with the dialog is what was loaded, and was chosen."""
        self.choose_file(wizard, 'Save Profile', self.path('saved.json'))
        wizard.get_text('saved, without passwords')
        with open(profile, encoding='utf-8') as file:
            before = json.load(file)
        with open(self.path('saved.json'), encoding='utf-8') as file:
            after = json.load(file)
        self.assertEqual(after['name'], 'Help desk')
        self.assertEqual(after['image']['edition'], 'Enterprise')
        self.assertEqual(after['drive']['cache'], 64 << 20)
        self.assertNotIn('certificatePassword', after['company'])
        for key, value in [('keyboard', '0407:00000407;de-CH'), ('locale', 'de-AT'),
                           ('timeZone', 'Tokyo Standard Time')]:
            self.assertEqual(after['region'][key], value)
        for section in ('firstStart', 'portable'):
            for key, value in before[section].items():
                self.assertEqual(after[section][key], value, key)
        self.assertEqual(after['company']['copy'],
                         [self.path('handbook') + '|\\Users\\Public\\Desktop\\Handbook'])
        self.assertEqual(after['company']['wifi'], [self.path('home.xml'), self.path('bound.xml')])
        self.assertEqual(after['drivers']['folders'], [self.path('drivers')])

    def check_loading(self, wizard):
        """The dialog takes a profile: all of one that is right, nothing of one that is not."""
        wizard.press('^Back$')
        wizard.get('label', '^Options$')
        with open(self.path('wrong.json'), 'w', encoding='utf-8') as file:
            json.dump({'format': 'valise-profile', 'formatVersion': 1,
                       'region': {'timeZone': 'Asia/Kathmandu'}, 'drive': {'cach': 1}}, file)
        self.choose_file(wizard, 'Load Profile', self.path('wrong.json'))
        wizard.get_text('wrong.json:1:[0-9]*: There is no “drive.cach”')
        wizard.get_text('drive.cache=67108864')  # nothing of it was taken
        with open(self.path('right.json'), 'w', encoding='utf-8') as file:
            json.dump({'format': 'valise-profile', 'formatVersion': 1,
                       'account': {'kind': 'administrator', 'name': 'berta'},
                       'region': {'timeZone': 'Asia/Kathmandu'}}, file)
        self.choose_file(wizard, 'Load Profile', self.path('right.json'))
        wizard.get_text('profile was loaded')
        wizard.wait(lambda: wizard.find('text', '^Account Name')
                    and self.read(wizard, '^Account Name') == 'berta', 'the account')
        self.assertIsNone(wizard.find('label', 'drive.cache'))
        wizard.press('Next')
        wizard.get('label', '^Review$')
        wizard.get_text('Account “berta”')


if __name__ == '__main__':
    harness.main()
