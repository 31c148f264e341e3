/* valise-warnings.c: what a user should know before a drive is written.
 *
 * Facts in, sentences out: nothing is opened or asked here, so that terminal, window and report say
 * the same. What makes a drive impossible is an error elsewhere.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-warnings.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "boot/valise-bios.h"

/* Windows 10 1607 (14393) stops at its start on a drive whose removable bit is set; the builds of
 * 1703 (15063) were the first to start from such drives. */
#define FIRST_BUILD_ON_REMOVABLE 15000

/* Windows 10 1809: its WppRecorder.sys stops the start from USB (INACCESSIBLE_BOOT_DEVICE); with
 * the one of 1803 it starts. Known from other tools' users; not tried here. */
#define BUILD_1809 17763

static void
add (GPtrArray *warnings, const char *id, gboolean is_note, char *text)
{
  ValiseWarning *warning = g_new0 (ValiseWarning, 1);

  warning->id = id;
  warning->is_note = is_note;
  warning->text = text;
  g_ptr_array_add (warnings, warning);
}

static void
warning_free (gpointer data)
{
  ValiseWarning *warning = data;

  g_free (warning->text);
  g_free (warning);
}

/* Whether the edition's id is one of those that begin with one of @words: EnterpriseS is one of
 * Enterprise's, ProfessionalN one of Professional's. */
static gboolean
is_one_of (const ValiseEdition *edition, const char *const *words)
{
  for (guint i = 0; words[i] != NULL; i++)
    if (g_ascii_strncasecmp (edition->edition_id, words[i], strlen (words[i])) == 0)
      return TRUE;
  return FALSE;
}

/* ---- the boot manager ---- */

/* That the certificate of 2011 expired (19 October 2026) changes nothing for what was signed with
 * it while it was valid: “Windows Secure Boot certificate expiration and CA updates”, KB5062710. */
static void
add_signed (GPtrArray *warnings, const ValiseBootFile *file)
{
  switch (file->signature.ca)
    {
    case VALISE_SIGNING_CA_2011:
      add (warnings, "boot-manager-2011", TRUE,
           g_strdup (_("The boot manager is signed with Microsoft’s certificate of 2011, which "
                       "most PCs trust. With Secure Boot, it does not start on PCs where that "
                       "certificate was revoked (KB5025885), nor on those that came without it. "
                       "That the certificate expired in October 2026 does not matter: PCs do not "
                       "look at the date.")));
      break;
    case VALISE_SIGNING_CA_2023:
      add (warnings, "boot-manager-2023", TRUE,
           g_strdup (_("The boot manager is signed with Microsoft’s certificate of 2023. With "
                       "Secure Boot, it does not start on PCs that do not have “Windows UEFI CA "
                       "2023” yet: older ones without the updates for it.")));
      break;
    case VALISE_SIGNING_CA_OTHER:
    default:
      add (warnings, "boot-manager-other-signer", FALSE,
           /* Translators: the name of a certificate's owner. */
           g_strdup_printf (_("The boot manager is signed by “%s”, not by Microsoft’s authorities "
                              "for Windows. With Secure Boot, it starts only on PCs that were told "
                              "to trust that signer."),
                            file->signature.issuer));
      break;
    }
}

static void
add_boot_manager (GPtrArray *warnings, const ValiseWarningFacts *facts)
{
  const ValiseBootFile *file;

  if (facts->boot == NULL)
    return;
  file = valise_boot_files_choose (facts->boot, facts->boot_manager);
  if (!file->exists)
    return;
  if (!file->is_program || !file->is_efi)
    add (warnings, "boot-manager-unreadable", FALSE,
         g_strdup (_("The image’s boot manager is not a program for UEFI, so that PCs will "
                     "probably not start it. Use an image from Microsoft.")));
  else if (file->signature.state == VALISE_SIGNATURE_GOOD)
    add_signed (warnings, file);
  else if (file->signature.state == VALISE_SIGNATURE_NONE)
    add (warnings, "boot-manager-unsigned", FALSE,
         g_strdup (_("The image’s boot manager is not signed. It starts only on PCs where Secure "
                     "Boot is off; use an image from Microsoft for others.")));
  else if (file->signature.state == VALISE_SIGNATURE_DAMAGED)
    add (warnings, "boot-manager-damaged", FALSE,
         g_strdup (_("The image’s boot manager was changed after it was signed. It starts only on "
                     "PCs where Secure Boot is off, and nobody knows what it does: use an image "
                     "from Microsoft.")));
  else
    add (warnings, "boot-manager-not-checked", FALSE,
         g_strdup (_("The signature of the image’s boot manager is of a kind that cannot be "
                     "checked here. Whether PCs with Secure Boot start it is not known.")));
  if (file->age == VALISE_BOOT_AGE_VULNERABLE)
    add (warnings, "boot-manager-old", FALSE,
         /* Translators: a version such as “10.0.19041.1”. */
         g_strdup_printf (_("The boot manager (%s) is older than the one that protects from "
                            "CVE-2023-24932 (May 2023). PCs with Secure Boot where such boot "
                            "managers were revoked do not start it. Use a newer image if you have "
                            "one."),
                          file->version));
}

/* ---- the image ---- */

static void
add_architecture (GPtrArray *warnings, const ValiseEdition *edition)
{
  if (g_str_equal (edition->architecture, "arm64"))
    add (warnings, "arm64", TRUE,
         g_strdup (_("This Windows starts only on PCs with an ARM processor.")));
  else if (g_str_equal (edition->architecture, "x86"))
    add (warnings, "x86", TRUE,
         g_strdup (_("This Windows is for 32 bits. By UEFI it starts only on the few PCs whose "
                     "firmware has 32 bits, too. PCs with BIOS start it from drives with the "
                     "layout for old PCs (MBR).")));
}

/* That it has none is nothing special; one that is too large is. */
static void
add_bios (GPtrArray *warnings, const ValiseEdition *edition)
{
  g_autoptr (GError) error = NULL;

  if (edition->bootmgr_bytes > VALISE_BIOS_MAX_BOOTMGR
      && !valise_bios_check_bootmgr (edition->architecture, edition->boots_bios,
                                     edition->bootmgr_bytes, &error))
    add (warnings, "bios-too-large", TRUE, g_strdup (error->message));
}

static void
add_build (GPtrArray *warnings, const ValiseWarningFacts *facts)
{
  const guint build = facts->edition->build;

  if (build > 0 && build < FIRST_BUILD_ON_REMOVABLE
      && facts->drive == VALISE_WARNING_DRIVE_REMOVABLE)
    add (warnings, "old-build-on-removable", FALSE,
         g_strdup_printf (_("Windows of build %u stops while it starts from a drive that calls "
                            "itself removable, as this one does. Use a drive that calls itself a "
                            "fixed disk, or Windows 10 1703 or later."),
                          build));
  else if (build > 0 && build < FIRST_BUILD_ON_REMOVABLE
           && facts->drive == VALISE_WARNING_DRIVE_UNKNOWN)
    add (warnings, "old-build-on-removable", FALSE,
         g_strdup_printf (_("Windows of build %u stops while it starts from a drive that calls "
                            "itself removable, as most USB sticks do. Use a drive that calls "
                            "itself a fixed disk, or Windows 10 1703 or later."),
                          build));
  if (build == BUILD_1809)
    add (warnings, "build-17763", FALSE,
         g_strdup (_("Windows 10 1809 (build 17763) may stop while it starts from USB. Its driver "
                     "Windows\\System32\\drivers\\WppRecorder.sys has to be replaced by the one of "
                     "1803; better use another version.")));
}

static void
add_edition (GPtrArray *warnings, const ValiseWarningFacts *facts)
{
  static const char *const licensed[] = { "Enterprise", "Education", "IoTEnterprise", NULL };
  static const char *const in_vhd[]
      = { "Professional", "Enterprise", "Education", "IoTEnterprise", "Server", NULL };
  const ValiseEdition *edition = facts->edition;

  if (*edition->edition_id == '\0')
    return;
  if (!is_one_of (edition, licensed))
    add (warnings, "edition-licence", TRUE,
         /* Translators: an edition such as “Windows 11 Home”. */
         g_strdup_printf (_("“%s” starts from a drive like any other edition, but only Enterprise "
                            "and Education were licensed by Microsoft for that."),
                          edition->name));
  if (facts->is_vhd && !is_one_of (edition, in_vhd))
    add (warnings, "edition-vhd", FALSE,
         /* Translators: an edition such as “Windows 11 Home”. */
         g_strdup_printf (_("“%s” does not start from a virtual disk: only Pro, Enterprise and "
                            "Education do. Choose one of these, or write the drive without a "
                            "virtual disk."),
                          edition->name));
}

/**
 * valise_warnings_find:
 * @facts: what is known
 *
 * Any thread.
 *
 * Returns: (transfer full) (element-type ValiseWarning): what to say about it; the more important
 *   ones first
 */
GPtrArray *
valise_warnings_find (const ValiseWarningFacts *facts)
{
  g_autoptr (GPtrArray) found = g_ptr_array_new ();
  GPtrArray *warnings = g_ptr_array_new_with_free_func (warning_free);

  if (facts->edition->is_system)
    {
      add_build (found, facts);
      add_boot_manager (found, facts);
      add_architecture (found, facts->edition);
      add_bios (found, facts->edition);
      add_edition (found, facts);
    }
  for (guint notes = 0; notes < 2; notes++)
    for (guint i = 0; i < found->len; i++)
      if (((ValiseWarning *) found->pdata[i])->is_note == (notes == 1))
        g_ptr_array_add (warnings, found->pdata[i]);
  return warnings;
}

/**
 * valise_warnings_join:
 * @warnings: (element-type ValiseWarning): warnings
 * @notes: whether to put in what is only good to know, too
 *
 * Returns: (transfer full) (nullable): one text, a line for each
 */
char *
valise_warnings_join (GPtrArray *warnings, gboolean notes)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < warnings->len; i++)
    {
      const ValiseWarning *warning = warnings->pdata[i];

      if (notes || !warning->is_note)
        g_string_append_printf (text, "%s%s", text->len > 0 ? "\n" : "", warning->text);
    }
  return text->len > 0 ? g_string_free (g_steal_pointer (&text), FALSE) : NULL;
}
