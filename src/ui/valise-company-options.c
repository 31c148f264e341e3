/* valise-company-options.c: the options of what a company wants of its drives.
 *
 * A group of the page of options, all of it behind expanders: most people want none of it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-company-options.h"

#include <glib/gi18n.h>

#include "valise-list-checks.h"
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
  ValiseListRow *networks_row;
  AdwEntryRow *password_row;
  ValiseListRow *programs_row;

  ValiseChoices *choices; /* lives longer than the window's pages */
};

G_DEFINE_FINAL_TYPE (ValiseCompanyOptions, valise_company_options, ADW_TYPE_PREFERENCES_GROUP)

static const ValiseListKind networks[] = {
  { .key = "company.wifi",
    .type = VALISE_LIST_FILES,
    .add = N_ ("Add a Wi-Fi Profile…"),
    .filter = N_ ("Wi-Fi profiles (XML)"),
    .suffixes = "xml",
    .check = valise_list_check_wifi },
  { .key = "company.rootCertificates",
    .type = VALISE_LIST_FILES,
    .add = N_ ("Add an Authority to Trust…"),
    .filter = N_ ("Certificates"),
    .suffixes = "cer,crt,der,pem",
    .check = valise_list_check_root },
  { .key = "company.clientCertificates",
    .type = VALISE_LIST_FILES,
    .add = N_ ("Add a Certificate With Its Key…"),
    .filter = N_ ("Certificates with keys (PFX)"),
    .suffixes = "pfx,p12",
    .check = valise_list_check_client },
};

static const ValiseListKind programs[] = {
  { .key = "company.appLocker",
    .type = VALISE_LIST_FILES,
    .is_single = TRUE,
    .add = N_ ("Choose a Policy for AppLocker…"),
    .filter = N_ ("AppLocker policies (XML)"),
    .suffixes = "xml",
    .check = valise_list_check_applocker },
  { .key = "company.appControl",
    .type = VALISE_LIST_FILES,
    .is_single = TRUE,
    .add = N_ ("Choose a Policy for App Control…"),
    .filter = N_ ("Compiled policies"),
    .suffixes = "cip,p7b",
    .check = valise_list_check_app_control },
};

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

static gboolean
check_password (const char *text, GError **error)
{
  char *certificates[] = { (char *) "", NULL };
  const ValisePolicies policies
      = { .client_certificates = certificates, .client_password = (char *) text };

  return valise_policies_check (&policies, error);
}

/* There is one password for all, and without them nothing to open with it. */
static void
networks_cb (ValiseCompanyOptions *self)
{
  char **certificates = get_policies (self)->client_certificates;

  gtk_widget_set_visible (GTK_WIDGET (self->password_row),
                          certificates != NULL && *certificates != NULL);
}

static void
loaded_cb (ValiseCompanyOptions *self)
{
  const ValisePolicies policies = *get_policies (self);

  gtk_spin_button_set_value (self->lock_spin, policies.lock_minutes);
  gtk_switch_set_active (self->block_switch, policies.block_removable);
  gtk_switch_set_active (self->encrypt_switch, policies.bitlocker);
  gtk_widget_set_visible (GTK_WIDGET (self->recovery_row), policies.bitlocker);
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
  valise_option_rows_bind (self->password_row, choices, "company.certificatePassword",
                           check_password);
  g_signal_connect_swapped (self->networks_row, "elements-changed", G_CALLBACK (networks_cb), self);
  g_signal_connect_swapped (self->password_row, "changed",
                            G_CALLBACK (valise_list_row_check_soon), self->networks_row);
  valise_list_row_set_choices (self->networks_row, choices, networks, G_N_ELEMENTS (networks));
  valise_list_row_set_choices (self->programs_row, choices, programs, G_N_ELEMENTS (programs));
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

  g_type_ensure (VALISE_TYPE_LIST_ROW);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/valise/Valise/valise-company-options.ui");
  gtk_widget_class_bind_template_child (widget_class, ValiseCompanyOptions, lock_row);
  gtk_widget_class_bind_template_child (widget_class, ValiseCompanyOptions, lock_spin);
  gtk_widget_class_bind_template_child (widget_class, ValiseCompanyOptions, block_row);
  gtk_widget_class_bind_template_child (widget_class, ValiseCompanyOptions, block_switch);
  gtk_widget_class_bind_template_child (widget_class, ValiseCompanyOptions, encrypt_row);
  gtk_widget_class_bind_template_child (widget_class, ValiseCompanyOptions, encrypt_switch);
  gtk_widget_class_bind_template_child (widget_class, ValiseCompanyOptions, recovery_row);
  gtk_widget_class_bind_template_child (widget_class, ValiseCompanyOptions, networks_row);
  gtk_widget_class_bind_template_child (widget_class, ValiseCompanyOptions, password_row);
  gtk_widget_class_bind_template_child (widget_class, ValiseCompanyOptions, programs_row);
}

static void
valise_company_options_init (ValiseCompanyOptions *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
