/* valise-profile-options.c: the options that make Windows its owner's, and profiles.
 *
 * A profile is read first; what stands on the command line counts more. An option is a short name
 * for a key of a profile; `--set` reaches all of them. A password is never on the command line,
 * where every user of this computer could see it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-profile-options.h"

#include <glib/gi18n.h>
#include <string.h>

#include "core/valise-error.h"
#include "jobs/valise-profile-file.h"
#include "valise-output.h"

/* The longest password file; longer is another file. */
#define MAX_PASSWORD_FILE 4096

/**
 * valise_profile_options_add:
 * @self: where the options are kept
 * @context: a command's options, which get these
 */
void
valise_profile_options_add (ValiseProfileOptions *self, GOptionContext *context)
{
  const GOptionEntry entries[] = {
    { "profile", 0, 0, G_OPTION_ARG_FILENAME, &self->profile,
      N_ ("Profile with the choices that no option makes"), N_ ("FILE") },
    { "set", 0, 0, G_OPTION_ARG_STRING_ARRAY, &self->set,
      N_ ("A choice as in a profile; may be repeated"), N_ ("KEY=VALUE") },
    { "account", 0, 0, G_OPTION_ARG_STRING, &self->account,
      N_ ("Local account to make, an administrator's"), N_ ("NAME") },
    { "password-file", 0, 0, G_OPTION_ARG_FILENAME, &self->password_file,
      N_ ("File with the account's password in its first line"), N_ ("FILE") },
    { "admin-password-file", 0, 0, G_OPTION_ARG_FILENAME, &self->admin_password_file,
      N_ ("The same for the administrator's account of a profile"), N_ ("FILE") },
    { "computer-name", 0, 0, G_OPTION_ARG_STRING, &self->computer_name,
      N_ ("Name of the computer, such as HELP-{n:03} or PC-{serial:4}"), N_ ("NAME") },
    { "language", 0, 0, G_OPTION_ARG_STRING, &self->language,
      N_ ("Language that Windows shows, such as de-DE"), N_ ("LANGUAGE") },
    { "locale", 0, 0, G_OPTION_ARG_STRING, &self->locale,
      N_ ("Form of dates and numbers, such as de-AT"), N_ ("LANGUAGE") },
    { "keyboard", 0, 0, G_OPTION_ARG_STRING, &self->keyboard,
      N_ ("Keyboard, such as 0407:00000407 or de-DE"), N_ ("KEYBOARD") },
    { "time-zone", 0, 0, G_OPTION_ARG_STRING, &self->time_zone,
      N_ ("Time zone, such as Europe/Berlin"), N_ ("ZONE") },
    { "region-of-this-computer", 0, 0, G_OPTION_ARG_NONE, &self->pc_region,
      N_ ("Language, keyboard and time zone as on this computer"), NULL },
    { "skip-questions", 0, 0, G_OPTION_ARG_NONE, &self->skip_questions,
      N_ ("Accept the licence terms, share nothing, no Microsoft account"), NULL },
    { "unattend", 0, 0, G_OPTION_ARG_FILENAME, &self->unattend,
      N_ ("Answer file of your own"), N_ ("FILE") },
    { "internal-disks", 0, 0, G_OPTION_ARG_STRING, &self->internal_disks,
      N_ ("Disks of the computers: offline or online"), N_ ("STATE") },
    { "device-encryption", 0, 0, G_OPTION_ARG_STRING, &self->device_encryption,
      N_ ("Windows encrypting itself: prevent or allow"), N_ ("RULE") },
    { "fast-startup", 0, 0, G_OPTION_ARG_NONE, &self->fast_startup,
      N_ ("Let Windows hibernate where it is shut down"), NULL },
    { "portable-os", 0, 0, G_OPTION_ARG_NONE, &self->portable_os,
      N_ ("Tell Windows that it is portable"), NULL },
    { "require-network", 0, 0, G_OPTION_ARG_NONE, &self->require_network,
      N_ ("Let the first start insist on the internet, as Windows does"), NULL },
    { "reg", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &self->reg_files,
      N_ ("File of the registry editor (.reg) to apply; may be repeated"), N_ ("FILE") },
    { "drivers", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &self->driver_folders,
      N_ ("Folder with drivers to install at the first start; may be repeated"), N_ ("FOLDER") },
    { "save-profile", 0, 0, G_OPTION_ARG_FILENAME, &self->save_profile,
      N_ ("File to save these choices to, as a profile"), N_ ("FILE") },
    { "save-secrets", 0, 0, G_OPTION_ARG_NONE, &self->save_secrets,
      N_ ("Save passwords and keys, too"), NULL },
    { NULL },
  };

  g_option_context_add_main_entries (context, entries, GETTEXT_PACKAGE);
}

/**
 * valise_profile_options_clear:
 * @self: options
 */
void
valise_profile_options_clear (ValiseProfileOptions *self)
{
  g_free (self->profile);
  g_strfreev (self->set);
  g_free (self->account);
  g_free (self->password_file);
  g_free (self->admin_password_file);
  g_free (self->computer_name);
  g_free (self->language);
  g_free (self->locale);
  g_free (self->keyboard);
  g_free (self->time_zone);
  g_free (self->unattend);
  g_free (self->internal_disks);
  g_free (self->device_encryption);
  g_strfreev (self->reg_files);
  g_strfreev (self->driver_folders);
  g_free (self->save_profile);
  *self = (ValiseProfileOptions) { 0 };
}

static gboolean
set_pair (ValiseProfile *profile, const char *pair, GError **error)
{
  const char *sign = strchr (pair, '=');
  g_autofree char *key = sign != NULL ? g_strndup (pair, sign - pair) : NULL;

  if (key != NULL)
    return valise_profile_set (profile, key, sign + 1, error);
  g_set_error (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_INVALID,
               _("“--set %s” sets nothing. Write it as “--set account.name=Anna”."), pair);
  return FALSE;
}

static gboolean
read_password (const char *path, const char *key, ValiseProfile *profile, GError **error)
{
  g_autofree char *name = g_filename_display_name (path);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GError) cause = NULL;
  g_autoptr (GInputStream) stream = G_INPUT_STREAM (g_file_read (file, NULL, &cause));
  char text[MAX_PASSWORD_FILE + 1];
  gsize size = 0;
  gboolean ok;

  if (stream == NULL
      || !g_input_stream_read_all (stream, text, MAX_PASSWORD_FILE, &size, NULL, &cause))
    {
      g_set_error (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_INVALID,
                   /* Translators: a file's name, and what the system said. */
                   _("The password file “%s” cannot be read: %s. Check the name and your rights."),
                   name, cause->message);
      return FALSE;
    }
  text[size] = '\0';
  text[strcspn (text, "\r\n")] = '\0';
  ok = valise_profile_set (profile, key, text, error);
  memset (text, 0, sizeof text);
  return ok;
}

/* --account alone makes an administrator's account; a profile may say otherwise. */
static gboolean
set_account (ValiseProfile *profile, const char *name, GError **error)
{
  if (profile->setup.answers.account == VALISE_ACCOUNT_ASK)
    profile->setup.answers.account = VALISE_ACCOUNT_ADMINISTRATOR;
  return valise_profile_set (profile, "account.name", name, error);
}

/* How Windows treats the computers that it runs on, and what is in its registry. */
static gboolean
apply_windows (const ValiseProfileOptions *self, ValiseProfile *profile, GError **error)
{
  const char *encryption = self->device_encryption;
  const struct
  {
    const char *key;
    const char *value;
  } pairs[] = {
    { "portable.internalDisks", self->internal_disks },
    { "portable.fastStartup", self->fast_startup ? "true" : NULL },
    { "portable.portableOs", self->portable_os ? "true" : NULL },
    { "firstStart.requireNetwork", self->require_network ? "true" : NULL },
    { "portable.preventEncryption", g_strcmp0 (encryption, "prevent") == 0 ? "true"
                                    : encryption != NULL                   ? "false"
                                                                           : NULL },
  };

  if (encryption != NULL && !g_str_equal (encryption, "prevent")
      && !g_str_equal (encryption, "allow"))
    {
      g_set_error (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_INVALID,
                   _("“%s” is no rule for encryption. Use “prevent” or “allow”."), encryption);
      return FALSE;
    }
  for (guint i = 0; i < G_N_ELEMENTS (pairs); i++)
    if (pairs[i].value != NULL
        && !valise_profile_set (profile, pairs[i].key, pairs[i].value, error))
      return FALSE;
  for (guint i = 0; self->reg_files != NULL && self->reg_files[i] != NULL; i++)
    if (!valise_profile_set (profile, "registry.files", self->reg_files[i], error))
      return FALSE;
  for (guint i = 0; self->driver_folders != NULL && self->driver_folders[i] != NULL; i++)
    if (!valise_profile_set (profile, "drivers.folders", self->driver_folders[i], error))
      return FALSE;
  return TRUE;
}

/**
 * valise_profile_options_apply:
 * @self: options
 * @profile: a profile, which gets what they say
 * @error: where to put an error of %VALISE_PLAN_ERROR
 *
 * Returns: whether the profile could be read, and all values are possible
 */
gboolean
valise_profile_options_apply (const ValiseProfileOptions *self,
                              ValiseProfile *profile,
                              GError **error)
{
  static const char *const skipped[] = { "firstStart.skipLicense", "firstStart.skipPrivacy",
                                         "firstStart.skipOnlineAccount",
                                         "firstStart.skipNetwork" };
  const struct
  {
    const char *key;
    const char *value;
  } pairs[] = {
    { "computer.name", self->computer_name }, { "region.language", self->language },
    { "region.locale", self->locale },        { "region.keyboard", self->keyboard },
    { "region.timeZone", self->time_zone },   { "firstStart.answerFile", self->unattend },
  };

  if (self->profile != NULL && !valise_profile_load (profile, self->profile, error))
    return FALSE;
  for (guint i = 0; self->set != NULL && self->set[i] != NULL; i++)
    if (!set_pair (profile, self->set[i], error))
      return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (pairs); i++)
    if (pairs[i].value != NULL
        && !valise_profile_set (profile, pairs[i].key, pairs[i].value, error))
      return FALSE;
  if (self->pc_region && !valise_profile_set (profile, "region.fromThisComputer", "true", error))
    return FALSE;
  for (guint i = 0; self->skip_questions && i < G_N_ELEMENTS (skipped); i++)
    if (!valise_profile_set (profile, skipped[i], "true", error))
      return FALSE;
  if (!apply_windows (self, profile, error))
    return FALSE;
  return (self->account == NULL || set_account (profile, self->account, error))
         && (self->password_file == NULL
             || read_password (self->password_file, "account.password", profile, error))
         && (self->admin_password_file == NULL
             || read_password (self->admin_password_file, "administrator.password", profile,
                               error));
}

/**
 * valise_profile_options_save:
 * @self: options
 * @profile: the choices
 * @error: where to put an error of %VALISE_SYSTEM_ERROR
 *
 * Saves the choices, if that was asked for. What is left out for its being secret is said.
 *
 * Returns: whether they were saved, or need not be
 */
gboolean
valise_profile_options_save (const ValiseProfileOptions *self,
                             const ValiseProfile *profile,
                             GError **error)
{
  if (self->save_profile == NULL)
    return TRUE;
  if (!valise_profile_save (profile, self->save_profile, self->save_secrets, error))
    return FALSE;
  if (valise_profile_has_secrets (profile))
    valise_output_note (self->save_secrets
                            ? _("There are passwords or keys in the saved profile. Whoever reads "
                                "it knows them.")
                            : _("Passwords and keys are not in the saved profile. With "
                                "--save-secrets they would be."));
  return TRUE;
}
