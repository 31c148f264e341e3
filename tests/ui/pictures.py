# pictures.py: pictures of the wizard's pages in every state, for a pair of eyes.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
# usage: pictures.py PROGRAMS… [VARIANT…]        ./dev pictures does it
#
# Writes pictures/VARIANT/STATE.png into the current folder. The programs are those of the tests
# (see wizard.py), and show-job-pages. A variant is a look, a size, and maybe a language:
# “light-wide”, “dark-narrow-ja”. VALISE_PICTURES_ONLY has patterns
# for the names of the cases below.
import os
import re
import shutil
import subprocess
import sys
import unittest

LOOKS = {'light': {}, 'dark': {'ADW_DEBUG_COLOR_SCHEME': 'prefer-dark'},
         'contrast': {'ADW_DEBUG_HIGH_CONTRAST': '1'}}
SIZES = {'wide': '760x680', 'narrow': '360x600', '4k': '3840x2160'}
VARIANTS = ['light-wide', 'dark-wide', 'contrast-wide', 'light-narrow', 'dark-narrow', 'light-4k',
            'light-wide-zh_CN', 'light-narrow-zh_CN']
N_PROGRAMS = 6

if 'VALISE_PICTURES' not in os.environ:
    status = 0
    for variant in sys.argv[1 + N_PROGRAMS:] or VARIANTS:
        look, size, *language = variant.split('-')
        env = dict(os.environ, VALISE_PICTURES=variant, VALISE_TEST_SIZE=SIZES[size], **LOOKS[look])
        if language:
            env['VALISE_TEST_LANGUAGE'] = language[0]
            env['VALISE_LOCALE_DIR'] = os.path.abspath('po')
        status |= subprocess.run([sys.executable, *sys.argv[:1 + N_PROGRAMS]], env=env,
                                 check=False).returncode
    sys.exit(status)

import time  # pylint: disable=wrong-import-position

import company_files  # pylint: disable=wrong-import-position
import desktop  # pylint: disable=wrong-import-position
import wizard as harness  # pylint: disable=wrong-import-position
import drag  # pylint: disable=wrong-import-position
import loops  # pylint: disable=wrong-import-position
from wizard import words  # pylint: disable=wrong-import-position

# Transitions and spinners end, or have come far enough to be seen.
CALM = 0.8

# As long as a job may take on a machine that has other things to do, in seconds.
LONG = 300


PULLED_OUT = 'It was pulled out. Plug it in again, or take it off the list.'
PULLED_OUT_TOAST = '“%s” was pulled out. Plug it in again, or go back and choose another.'
PULLED_OUT_LATE = 'It was pulled out. Plug it in again, or go back and choose.'


JOB_PAGES = os.path.abspath(sys.argv.pop(N_PROGRAMS))
ONLY = os.environ.get('VALISE_PICTURES_ONLY', '').split()


# As some drives and files call themselves.
LONG_NAME = 'USB 3.2 Gen 2x2 Portable Solid State Drive With Hardware Encryption and a Long Name'
ONE_WORD = 'SSD-Portable-USB-3.2-Gen2x2-2000MBs-Hardware-Encrypted-Rugged-IP67-Edition-2024-Black'
LONG_FILE = ('zh-cn_windows_11_enterprise_version_24h2_updated_november_2024_x64_dvd_with_language_'
             'packs_and_drivers_of_the_help_desk.wim')


class Pictures(loops.Case):
    @staticmethod
    def wait_for(wizard, text):
        pattern = words(text).strip('^$')
        wizard.wait(lambda: any(re.search(pattern, shown) for shown in wizard.texts()), text)

    @staticmethod
    def file(name):
        folder = os.path.join('pictures', os.environ['VALISE_PICTURES'])
        os.makedirs(folder, exist_ok=True)
        return os.path.join(folder, name + '.png')

    def show(self, name):
        # Away from what would look different under the mouse.
        harness.Atspi.generate_mouse_event(1, 1, 'abs')
        desktop.arrange()
        time.sleep(CALM)
        desktop.screenshot(self.file(name))

    @staticmethod
    def scroll(steps=6):
        # At the edge, where no row is that the wheel would change.
        for _ in range(steps):
            harness.Atspi.generate_mouse_event(9, 300, 'b5c')

    def show_all(self, wizard, name):
        """A page that may be longer than the window: as many pictures as it takes."""
        def places():
            return [node.get_extents() for node in wizard.nodes() if node.role == 'list item']

        self.show(name)
        before = places()
        for number in range(2, 20):
            self.scroll()
            time.sleep(CALM)
            if places() == before:
                break
            before = places()
            self.show(f'{name}-{number}')

    def drives(self, udisks):
        udisks.add('a', vendor='SanDisk', model='Ultra Fit', serial='4C530001120711108', size=64 *
                   10**9)
        udisks.part('a', 1, size=2 * 10**9, type='vfat', label='KEYS', mounts='/media/keys')
        udisks.part('a', 2, size=62 * 10**9, type='ntfs', label='Windows')
        udisks.add('b', vendor='Samsung', model='Portable SSD T7', serial='S5TCNS0R', size=500 *
                   10**9)

    def test_image(self):
        first = self.start(env={'GSETTINGS_BACKEND': 'keyfile'})
        self.wait_for(first, 'Choose a Windows Image')
        self.show('image-empty')
        first.key('F10')
        self.show('menu')
        first.key('Down')
        first.key('Return')
        self.wait_for(first, 'Keyboard shortcuts')
        self.show('dialog-shortcuts')
        first.key('Escape')
        first.wait(lambda: not first.find('label', words('Keyboard shortcuts')), 'it to go')
        first.key('F10')
        first.key('Up')
        first.key('Return')
        self.wait_for(first, 'The Valise developers')
        self.show('dialog-about')
        first.key('Escape')
        first.wait(lambda: not first.find('label', words('The Valise developers')), 'it to go')
        first.key('F1')
        first.wait(lambda: sum(n.role == 'frame' for n in first.nodes()) > 1, 'the help')
        self.show('help')
        first.key('Tab')
        first.key('space')
        self.show('help-topic')
        first.process.terminate()
        first.process.wait()

        wizard = self.start(self.sample('sample.wim'), env={'GSETTINGS_BACKEND': 'keyfile'})
        wizard.get('radio button', 'Pro')
        wizard.get('push button', words('Copy the checksum'))
        self.show('image-editions')
        wizard.press('Enterprise', 'radio button')
        self.show('image-chosen')
        wizard.process.terminate()
        wizard.process.wait()

        recent = self.start(env={'GSETTINGS_BACKEND': 'keyfile'})
        self.wait_for(recent, 'Recent Images')
        self.show('image-recent')

    def test_image_drag(self):
        wizard = self.start()
        self.wait_for(wizard, 'Choose a Windows Image')
        desktop.arrange()
        image = self.path('Win11_24H2_English_x64.wim')
        os.symlink(self.sample('sample.wim'), image)
        files = drag.Files(wizard, image, place=(20, 420))
        self.addCleanup(files.end)
        files.drag()
        files.wait('wanted')
        time.sleep(CALM)
        desktop.screenshot(self.file('image-drag'))
        files.drop()
        wizard.get('radio button', 'Pro')

    @unittest.skipIf(loops.missing_models(), loops.missing_models())
    def test_image_reading(self):
        """On a drive that is so slow that it takes a while."""
        model = loops.ModelDrive(self, 'model', read_rate='100kB')
        with (open(self.sample('sample.wim'), 'rb') as source,
              open(self.path('model.data'), 'r+b') as drive):
            shutil.copyfileobj(source, drive)
        image = self.path('Win11_24H2_English_x64.wim')
        os.symlink(model.path, image)
        wizard = self.start(image)
        wizard.get('push button', words('_Cancel'))
        self.show('image-reading')
        wizard.press(words('_Cancel'))
        self.wait_for(wizard, 'Choose a Windows Image')

    def test_image_error(self):
        wizard = self.start(self.sample('boot.wim'))
        self.wait_for(wizard, 'This Image Cannot Be Used')
        self.show('image-error')

    def test_without_udisks(self):
        wizard = self.start_with_edition()
        self.wait_for(wizard, 'Drives Cannot Be Listed')
        self.show('drives-unavailable')

    def test_drives(self):
        udisks = self.start_udisks()
        wizard = self.start_with_edition()
        self.wait_for(wizard, 'Plug In a Drive')
        self.show('drives-none')
        self.drives(udisks)
        wizard.press('SSD', 'check box')
        self.show('drives')
        udisks.add('c', model='A Drive With a Rather Long Name That Hardly Anybody Will Ever Buy',
                   size=10**6)
        udisks.add('d', read_only=1)
        udisks.add('e', bus='nvme', internal=1, size=10**12)
        udisks.add('f', bus='sdio', size=0, media='flash_sd')
        wizard.press(words('Show Refused Drives'), 'check box')
        self.show('drives-refused')
        udisks.remove('b')
        self.wait_for(wizard, PULLED_OUT)
        self.show('drives-pulled-out')

    def test_twelve(self):
        udisks = self.start_udisks()
        for i in range(12):
            udisks.add(chr(ord('a') + i), vendor='Kingston', model=f'DataTraveler {i + 1}')
        wizard = self.start_with_edition()
        wizard.get('check box', 'DataTraveler 12')
        self.show('drives-twelve')

    def test_options_and_review(self):
        udisks = self.start_udisks()
        self.drives(udisks)
        wizard = self.start_with_edition()
        wizard.press('Ultra', 'check box')
        wizard.press('SSD', 'check box')
        wizard.press(words('_Next'))
        self.wait_for(wizard, 'Options')
        self.show('options')
        wizard.get('push button', words('Profile')).click()
        self.show('options-profile-menu')
        wizard.key('Escape')
        for title in ['Names and Keys', 'Another Region', 'Windows on Other PCs',
                      'Windows in a Virtual Disk File', 'Policies']:
            wizard.get('list item', words(title)).click()
            time.sleep(CALM)
        for _ in range(60):
            harness.Atspi.generate_mouse_event(9, 300, 'b4c')
        self.show_all(wizard, 'options-open')
        wizard.press(words('_Next'))
        self.wait_for(wizard, 'What Will Be Written')
        self.show_all(wizard, 'review')
        wizard.press('', 'check box')
        self.show('review-agreed')
        udisks.remove('a')
        self.wait_for(wizard, PULLED_OUT_LATE)
        self.show('review-pulled-out')

    def test_options_pulled_out(self):
        udisks = self.start_udisks()
        self.drives(udisks)
        wizard = self.start_with_edition()
        wizard.press('Ultra', 'check box')
        wizard.press(words('_Next'))
        self.wait_for(wizard, 'Options')
        desktop.arrange()
        udisks.remove('a')
        self.wait_for(wizard, PULLED_OUT_TOAST)
        self.show('options-pulled-out')

    def test_options_lists(self):
        """Lists that are long are searched, others are not."""
        self.drives(self.start_udisks())
        wizard = self.start_with_edition()
        wizard.press('Ultra', 'check box')
        wizard.press(words('_Next'))
        wizard.get('list item', words('Another Region')).click()
        for name, title, typed in [('language', 'Dates and Numbers', ''),
                                   ('zone', 'Time Zone', 'to'),
                                   ('nothing', 'Keyboard', 'nowhere at all'),
                                   ('compression', 'Compact System', '')]:
            wizard.get('combo box', words(title).rstrip('$')).click()
            time.sleep(CALM)
            if typed:
                wizard.type(typed)
            self.show(f'options-list-{name}')
            wizard.key('Escape')
            time.sleep(CALM)

    def test_options_company(self):
        """A loaded profile with everything, each list unfolded."""
        udisks = self.start_udisks()
        self.drives(udisks)
        wizard = self.start(self.sample('sample.wim'), company_files.make_profile(self.folder))
        wizard.press('Enterprise', 'radio button')
        wizard.press(words('_Next'))
        wizard.press('Ultra', 'check box')
        wizard.press(words('_Next'))
        self.wait_for(wizard, 'Options')
        wizard.wait(lambda: not wizard.find('label', words('The profile was loaded.')), 'it to go')
        self.show('options-profile')
        for i, title in enumerate(['Drivers', 'Files to Copy', 'Settings From Files', 'Commands',
                                   'Networks and Certificates', 'Allowed Programs']):
            row = wizard.get('list item', words(title))
            row.click()
            time.sleep(CALM)
            for _ in range(4):
                harness.Atspi.generate_mouse_event(180, 300, 'b5c')
            self.show(f'options-files-{i + 1}')
            row.click()

    def run_drives(self, *drives, **env):
        """A job of the page of writing: one drive for each word."""
        folder = self.path('drives')
        os.mkdir(folder)
        programs = dict(harness.PROGRAMS)
        harness.PROGRAMS['wizard'] = JOB_PAGES
        try:
            wizard = self.start(self.sample('sample.wim'), folder, *drives,
                                env={'VALISE_SCRATCH': self.path('scratch'), **env})
        finally:
            harness.PROGRAMS.update(programs)
        wizard.get('push button', words('_Stop'))
        desktop.arrange()
        return wizard

    def wait_for_result(self, wizard):
        wizard.wait(lambda: wizard.find('push button', words('_Write More Drives')), 'the result',
                    LONG)

    def test_write_one(self):
        wizard = self.run_drives('good')
        self.wait_for(wizard, '%s on the drive, %s now, %s on average')
        time.sleep(3)
        self.show('writing-one')
        self.wait_for_result(wizard)
        self.show_all(wizard, 'result-one')

    def test_write_four(self):
        wizard = self.run_drives('good', 'bad', 'slow', 'fast')
        self.wait_for(wizard, 'Failed')
        time.sleep(9)
        self.show('writing-one-failed')
        self.scroll()
        self.show('writing-one-failed-2')
        self.wait_for_result(wizard)
        self.show_all(wizard, 'result-one-failed')

    def test_read_back(self):
        wizard = self.run_drives('late', 'late', 'late', 'late')
        self.wait_for(wizard, '%s read back, %s now, %s on average')
        time.sleep(2)
        self.show('writing-verifying')
        self.wait_for_result(wizard)
        self.show('result')

    def test_write_twelve(self):
        wizard = self.run_drives(*['slow', 'good', 'good'] * 4)
        self.wait_for(wizard, '%s on the drive, %s now, %s on average')
        time.sleep(4)
        self.show('writing-twelve')
        wizard.process.kill()

    def test_all_fail(self):
        wizard = self.run_drives('gone', 'lie')
        self.wait_for_result(wizard)
        self.show_all(wizard, 'result-all-failed')

    def test_counterfeit(self):
        wizard = self.run_drives('fake', 'tired')
        self.wait_for(wizard, '%s on the drive, %s now, %s on average')
        self.show('writing-counterfeit')
        wizard.process.kill()

    def test_counterfeit_alone(self):
        wizard = self.run_drives('fake')
        self.wait_for_result(wizard)
        self.show('result-counterfeit')

    def test_pulled_out_writing(self):
        wizard = self.run_drives('gone', 'slow')
        self.wait_for(wizard, 'Failed')
        self.show('writing-pulled-out')
        wizard.process.kill()

    def test_pulled_out_verifying(self):
        wizard = self.run_drives('left', 'late', 'late')
        self.wait_for(wizard, 'Failed')
        self.show('verifying-pulled-out')
        self.wait_for_result(wizard)
        self.show_all(wizard, 'result-pulled-out')

    @unittest.skipIf(loops.missing_models(), loops.missing_models())
    def test_polkit(self):
        """Somebody says no to one of two drives, or nobody can be asked."""
        udisks = self.start_udisks()
        device = self.make_loop('drive')[1]
        self.add(udisks, device, 1)
        self.add(udisks, loops.ModelDrive(self, 'model', write_rate='4MB').device, 2)
        wizard = self.start(self.sample('sample.wim'))
        udisks.tell('open', 'refused', device)
        self.walk(wizard, ['Loop 1', 'Loop 2'])
        self.wait_for(wizard, '%s on the drive, %s now, %s on average')
        self.show('writing-polkit-refused')
        for answer in ('refused', 'dismissed', 'nobody'):
            self.wait_for_result(wizard)
            self.show(f'result-polkit-{answer}')
            udisks.tell('open', {'refused': 'dismissed', 'dismissed': 'nobody'}.get(answer, 'yes'))
            wizard.press(words('_Try Again'))
            self.agree(wizard)

    @unittest.skipIf(loops.missing(), loops.missing())
    def test_image_deleted(self):
        wizard, image, _ = self.start_copy()
        os.unlink(image)
        self.agree(wizard)
        self.wait_for_result(wizard)
        self.show('result-image-deleted')

    @unittest.skipIf(loops.missing(), loops.missing())
    def test_image_changed(self):
        wizard, image, _ = self.start_copy()
        shutil.copy(self.sample('sample.esd'), image)
        self.agree(wizard)
        self.wait_for_result(wizard)
        self.show('result-image-changed')

    @unittest.skipIf(loops.missing(), loops.missing())
    def test_disk_full_reading(self):
        """Where the image cannot be copied out of its ISO."""
        wizard = self.start(self.sample('sample.iso'),
                            env={'VALISE_SCRATCH': self.make_small_folder('temporary', '8M')})
        self.wait_for(wizard, 'This Image Cannot Be Used')
        self.show('image-disk-full')

    @unittest.skipIf(loops.missing(), loops.missing())
    def test_disk_full_writing(self):
        wizard, folder = self.start_small()
        self.fill(folder)
        self.agree(wizard)
        self.wait_for_result(wizard)
        self.show('result-disk-full')

    @unittest.skipIf(loops.missing_models(), loops.missing_models())
    def test_long_names(self):
        udisks = self.start_udisks()
        devices = [loops.ModelDrive(self, 'model', write_rate='4MB').device,
                   self.make_loop('drive')[1]]
        for device, model in zip(devices, (LONG_NAME, ONE_WORD)):
            udisks.add_device(device, vendor='Manufacturer & Sons', model=model,
                              serial='4C530001120711108' * 4, size=loops.SIZE)
            for number in (1, 2):
                udisks.tell('part', device, number, 'type=ntfs', f'label={model[:32]}',
                            'size=2000000000')
        image = self.path(LONG_FILE)
        os.symlink(self.sample('sample.wim'), image)
        wizard = self.start(image)
        wizard.press('Enterprise', 'radio button')
        self.show('image-long-names')
        wizard.press(words('_Next'))
        wizard.press(LONG_NAME, 'check box')
        wizard.press(ONE_WORD, 'check box')
        self.show_all(wizard, 'drives-long-names')
        wizard.press(words('_Next'))
        self.wait_for(wizard, 'Options')
        wizard.press(words('_Next'))
        self.wait_for(wizard, 'What Will Be Written')
        self.show_all(wizard, 'review-long-names')
        self.agree(wizard)
        self.wait_for(wizard, '%s on the drive, %s now, %s on average')
        self.show_all(wizard, 'writing-long-names')
        self.wait_for_result(wizard)
        self.show_all(wizard, 'result-long-names')

    def test_stop(self):
        wizard = self.run_drives('tired', 'tired', 'tired', 'tired')
        self.wait_for(wizard, '%s on the drive, %s now, %s on average')
        time.sleep(3)
        self.show('writing-four')
        wizard.press(words('Close', domain='gtk40', folder='/usr/share/locale'))
        self.wait_for(wizard, 'Stop and Close?')
        self.show('dialog-stop-and-close')
        wizard.key('Escape')
        wizard.wait(lambda: not wizard.find('label', words('Stop and Close?')), 'it to go')
        wizard.press(words('_Stop'))
        self.wait_for(wizard, 'Stop Writing?')
        self.show('dialog-stop')
        wizard.answer(words('_Stop Writing').strip('^'))
        desktop.arrange()
        desktop.screenshot(self.file('writing-stopping'))
        self.wait_for_result(wizard)
        self.show('result-stopped')


if __name__ == '__main__':
    for pattern in ONLY:
        sys.argv += ['-k', pattern]
    harness.main()
