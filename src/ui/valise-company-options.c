/* valise-company-options.c: the options of what a company wants of its drives.
 *
 * A group of the page of options, all of it behind an expander: most people want none of it. What
 * consists of files comes from a profile, and is only counted here.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-company-options.h"

#include <glib/gi18n.h>

#include "valise-option-rows.h"

struct _ValiseCompanyOptions
{
  AdwPreferencesGroup parent_instance;

  AdwActionRow *lock_row;
  GtkSpinButton *lock_spin;
  AdwActionRow *block_row;
  GtkSwitch *block_switch;
  AdwActionRow *encrypt_row;
  GtkSwitch *encrypt_switch;
  AdwEntryRow *recovery_row;
  AdwActionRow *files_row;

  ValiseChoices *choices; /* lives longer than the window's pages */
};

G_DEFINE_FINAL_TYPE (ValiseCompanyOptions, valise_company_options, ADW_TYPE_PREFERENCES_GROUP)

static ValisePolicies *
get_policies (ValiseCompanyOptions *self)
{
  return &valise_choices_get_profile (self->choices)->setup.policies;
}

static void
lock_cb (ValiseCompanyOptions *self)
{
  get_policies (self)->lock_minutes = gtk_spin_button_get_value_as_int (self->lock_spin);
}

static void
block_cb (ValiseCompanyOptions *self)
{
  get_policies (self)->block_removable = gtk_switch_get_active (self->block_switch);
}

static void
encrypt_cb (ValiseCompanyOptions *self)
{
  const gboolean encrypt = gtk_switch_get_active (self->encrypt_switch);

  get_policies (self)->bitlocker = encrypt;
  gtk_widget_set_visible (GTK_WIDGET (self->recovery_row), encrypt);
}

static gboolean
check_recovery (const char *text, GError **error)
{
  const ValisePolicies policies = { .bitlocker = TRUE, .bitlocker_recovery = (char *) text };

  return valise_policies_check (&policies, error);
}

static guint
count (char **list)
{
  return list != NULL ? g_strv_length (list) : 0;
}

static void
show_files (ValiseCompanyOptions *self)
{
  const ValiseSetup *setup = &valise_choices_get_profile (self->choices)->setup;
  const ValisePolicies *policies = &setup->policies;
  const guint n = count (policies->wifi) + count (policies->root_certificates)
                  + count (policies->client_certificates) + count (setup->copies)
                  + count (setup->reg_files) + (policies->applocker != NULL)
                  + (policies->code_integrity != NULL) + (setup->answer_file != NULL);
  g_autofree char *text = NULL;

  text = n == 0 ? g_strdup (_("Wi-Fi, certificates, AppLocker, App Control, files to copy and "
                              "commands can be in a profile; see the manual, valise-profile(5)."))
                /* Translators: of a profile that was loaded. */
                : g_strdup_printf (ngettext ("The profile has %u file for Windows.",
                                             "The profile has %u files for Windows.", n),
                                   n);
  adw_action_row_set_subtitle (self->files_row, text);
}

static void
loaded_cb (ValiseCompanyOptions *self)
{
  const ValisePolicies policies = *get_policies (self);

  gtk_spin_button_set_value (self->lock_spin, policies.lock_minutes);
  gtk_switch_set_active (self->block_switch, policies.block_removable);
  gtk_switch_set_active (self->encrypt_switch, policies.bitlocker);
  gtk_widget_set_visible (GTK_WIDGET (self->recovery_row), policies.bitlocker);
  show_files (self);
}

/**
 * valise_company_options_set_choices:
 * @self: a group of options
 * @choices: (transfer none): what they are about; must stay
 *
 * To be called once.
 */
void
valise_company_options_set_choices (ValiseCompanyOptions *self, ValiseChoices *choices)
{
  g_return_if_fail (self->choices == NULL);

  self->choices = choices;
  valise_option_rows_bind (self->recovery_row, choices, "company.recoveryKeyFolder",
                           check_recovery);
  g_signal_connect_swapped (self->lock_spin, "value-changed", G_CALLBACK (lock_cb), self);
  g_signal_connect_swapped (self->block_switch, "notify::active", G_CALLBACK (block_cb), self);
  g_signal_connect_swapped (self->encrypt_switch, "notify::active", G_CALLBACK (encrypt_cb), self);
  g_signal_connect_object (choices, "profile-loaded", G_CALLBACK (loaded_cb), self,
                           G_CONNECT_SWAPPED);
  loaded_cb (self);
}

static void
valise_company_options_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), VALISE_TYPE_COMPANY_OPTIONS);
  G_OBJECT_CLASS (valise_company_options_parent_class)->dispose (object);
}

static void
valise_company_options_class_init (ValiseCompanyOptionsClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = valise_company_options_dispose;

  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/valise/Valise/valise-company-options.ui");
  gtk_widget_class_bind_template_child (widget_class, ValiseCompanyOptions, lock_row);
  gtk_widget_class_bind_template_child (widget_class, ValiseCompanyOptions, lock_spin);
  gtk_widget_class_bind_template_child (widget_class, ValiseCompanyOptions, block_row);
  gtk_widget_class_bind_template_child (widget_class, ValiseCompanyOptions, block_switch);
  gtk_widget_class_bind_template_child (widget_class, ValiseCompanyOptions, encrypt_row);
  gtk_widget_class_bind_template_child (widget_class, ValiseCompanyOptions, encrypt_switch);
  gtk_widget_class_bind_template_child (widget_class, ValiseCompanyOptions, recovery_row);
  gtk_widget_class_bind_template_child (widget_class, ValiseCompanyOptions, files_row);
}

static void
describe (gpointer widget, AdwActionRow *row)
{
  gtk_accessible_update_property (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  adw_action_row_get_subtitle (row), -1);
}

static void
valise_company_options_init (ValiseCompanyOptions *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  describe (self->lock_spin, self->lock_row);
  describe (self->block_switch, self->block_row);
  describe (self->encrypt_switch, self->encrypt_row);
}
