/* valise-kept-options.c: what a profile says that no other row shows.
 *
 * A profile may hold more than the page of options has rows for, or something that does not fit the
 * image: all of that is said here, and none of it is lost. Whatever key is not on the list of those
 * with rows belongs here, so that a new one cannot be forgotten.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-kept-options.h"

#include <glib/gi18n.h>

#include "valise-accessible.h"
#include "valise-row-layout.h"

struct _ValiseKeptOptions
{
  AdwPreferencesGroup parent_instance;

  ValiseChoices *choices; /* lives longer than the window's pages */
  GPtrArray *rows;        /* GtkWidget, the group's */
  gboolean is_loaded;
};

G_DEFINE_FINAL_TYPE (ValiseKeptOptions, valise_kept_options, ADW_TYPE_PREFERENCES_GROUP)

/* The keys that have rows, always. */
static const char *const shown[] = {
  "drive.layout", "drive.container", "drive.containerSize", "drive.compact", "drive.verify",
  "drive.allowEncrypted", "account.kind", "computer.name", "computer.owner",
  "computer.organization", "computer.productKey", "region.language", "region.locale",
  "region.keyboard", "region.timeZone", "region.fromThisComputer", "firstStart.requireNetwork",
  "firstStart.answerFile", "firstStart.systemCommands", "firstStart.commands",
  "portable.preventEncryption", "portable.internalDisks", "portable.fastStartup",
  "portable.portableOs", "registry.files", "company.lockAfterMinutes",
  "company.blockRemovableDrives", "company.encryptAtFirstSignIn", "company.recoveryKeyFolder",
  "company.appLocker", "company.appControl", "company.wifi", "company.rootCertificates",
  "company.clientCertificates", "company.certificatePassword", "company.copy", "drivers.folders",
  NULL,
};

/* The keys that have rows only while there is an account to make. */
static const char *const account[] = {
  "account.name", "account.fullName", "account.password", "administrator.name",
  "administrator.password", NULL,
};

/* The keys that have one switch together. */
static const char *const skipped[] = {
  "firstStart.skipLicense", "firstStart.skipPrivacy", "firstStart.skipOnlineAccount",
  "firstStart.skipNetwork", NULL,
};

/* What keys without rows are about, for people. */
static const struct
{
  const char *key;
  const char *title;
} titles[] = {
  { "drive.cache", N_ ("Memory for Writing") },
  { "region.systemLocale", N_ ("Language of Programs Without Unicode") },
  { "firstStart.skipLicense", N_ ("Licence Terms Are Accepted") },
  { "firstStart.skipPrivacy", N_ ("Nothing Is Shared With Microsoft") },
  { "firstStart.skipOnlineAccount", N_ ("No Question About a Microsoft Account") },
  { "firstStart.skipNetwork", N_ ("No Question About Networks") },
  { "portable.extend", N_ ("Windows Does Not Take All of the Drive") },
  { "portable.removeRecovery", N_ ("The Recovery System Stays") },
};

static void
add_row (ValiseKeptOptions *self, const char *title, const char *subtitle)
{
  GtkWidget *row = g_object_new (ADW_TYPE_ACTION_ROW, "use-markup", FALSE, "activatable", FALSE,
                                 "title", title, "title-lines", 0, "subtitle", subtitle,
                                 "subtitle-lines", 0, NULL);

  valise_accessible_describe (row, subtitle);
  valise_row_layout_apply (row);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (self), row);
  g_ptr_array_add (self->rows, row);
}

static void
add_key (ValiseKeptOptions *self, const ValiseProfile *profile, const char *key)
{
  g_autofree char *value = valise_profile_get (profile, key);
  g_autofree char *text = NULL;
  const char *title = key;

  if (g_str_equal (key, "image.edition"))
    {
      const ValiseEdition *edition = valise_choices_get_edition (self->choices);

      if (edition == NULL || g_ascii_strcasecmp (profile->edition, edition->edition_id) == 0
          || g_str_equal (profile->edition, edition->name))
        return;
      /* Translators: names of two editions of Windows. */
      text = g_strdup_printf (_("The profile wants “%s”; “%s” was chosen, and counts."),
                              profile->edition, edition->name);
      add_row (self, _("Another Edition"), text);
      return;
    }
  if (g_str_equal (key, "drive.bootManager"))
    {
      const ValiseEdition *edition = valise_choices_get_edition (self->choices);

      if (edition != NULL && !edition->boots_ca2023)
        add_row (self, _("Another Boot Manager"),
                 _("The profile wants the one that is signed with 2023, which this image does not "
                   "have."));
      return;
    }
  if (g_strv_contains (account, key))
    {
      if (profile->setup.answers.account == VALISE_ACCOUNT_ASK)
        add_row (self, key, _("Not used while Windows asks for an account"));
      return;
    }
  for (guint i = 0; i < G_N_ELEMENTS (titles); i++)
    if (g_str_equal (titles[i].key, key))
      title = _(titles[i].title);
  text = g_strdup_printf ("%s=%s", key, value != NULL ? value : "");
  add_row (self, title, text);
}

static void
update (ValiseKeptOptions *self)
{
  const ValiseProfile *profile = valise_choices_get_profile (self->choices);
  const ValiseAnswers *answers = &profile->setup.answers;
  const gboolean skips_all = answers->skip_license && answers->skip_privacy
                             && answers->skip_online_account && answers->skip_network;
  g_auto (GStrv) keys = NULL;

  for (guint i = 0; i < self->rows->len; i++)
    adw_preferences_group_remove (ADW_PREFERENCES_GROUP (self), self->rows->pdata[i]);
  g_ptr_array_set_size (self->rows, 0);
  /* What is chosen in rows is not the profile's. */
  if (self->is_loaded)
    keys = valise_profile_list_changed (profile);
  for (guint i = 0; keys != NULL && keys[i] != NULL; i++)
    if (!g_strv_contains (shown, keys[i])
        && !(skips_all && g_strv_contains (skipped, keys[i])))
      add_key (self, profile, keys[i]);
  gtk_widget_set_visible (GTK_WIDGET (self), self->rows->len > 0);
}

static void
loaded_cb (ValiseKeptOptions *self)
{
  self->is_loaded = TRUE;
  update (self);
}

/**
 * valise_kept_options_set_choices:
 * @self: a group
 * @choices: (transfer none): what it is about; must stay
 *
 * To be called once.
 */
void
valise_kept_options_set_choices (ValiseKeptOptions *self, ValiseChoices *choices)
{
  g_return_if_fail (self->choices == NULL);

  self->choices = choices;
  g_signal_connect_object (choices, "profile-loaded", G_CALLBACK (loaded_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (choices, "notify::edition-index", G_CALLBACK (update), self,
                           G_CONNECT_SWAPPED);
  /* What the switches and lists of other groups change, shows when the page is seen again. */
  g_signal_connect (self, "map", G_CALLBACK (update), NULL);
  update (self);
}

static void
valise_kept_options_finalize (GObject *object)
{
  g_ptr_array_unref (VALISE_KEPT_OPTIONS (object)->rows);
  G_OBJECT_CLASS (valise_kept_options_parent_class)->finalize (object);
}

static void
valise_kept_options_class_init (ValiseKeptOptionsClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = valise_kept_options_finalize;
}

static void
valise_kept_options_init (ValiseKeptOptions *self)
{
  self->rows = g_ptr_array_new ();
  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (self), _("Also in the Profile"));
  adw_preferences_group_set_description (
      ADW_PREFERENCES_GROUP (self),
      _("There are no other rows for this. It stays when the profile is saved."));
}
