/* valise-account-options.c: the options of whom the Windows on the drive belongs to.
 *
 * A group of the page of options: the account, and what Windows need not ask. What few people want
 * is behind an expander. Each row stands for a key of the profile.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-account-options.h"

#include "boot/valise-answer-rules.h"
#include "boot/valise-computer-name.h"
#include "valise-option-rows.h"

struct _ValiseAccountOptions
{
  AdwPreferencesGroup parent_instance;

  AdwComboRow *kind_row;
  AdwEntryRow *name_row;
  AdwEntryRow *password_row;
  AdwActionRow *skip_row;
  GtkSwitch *skip_switch;
  AdwExpanderRow *more_row;
  AdwEntryRow *full_name_row;
  AdwEntryRow *computer_row;
  AdwEntryRow *admin_row;
  AdwEntryRow *admin_password_row;
  AdwEntryRow *owner_row;
  AdwEntryRow *organization_row;
  AdwEntryRow *key_row;

  ValiseChoices *choices; /* lives longer than the window's pages */
};

G_DEFINE_FINAL_TYPE (ValiseAccountOptions, valise_account_options, ADW_TYPE_PREFERENCES_GROUP)

static gboolean
check_pattern (const char *text, GError **error)
{
  return valise_computer_name_check_pattern (text, error);
}

static void
show_rows (ValiseAccountOptions *self)
{
  const gboolean has_account = adw_combo_row_get_selected (self->kind_row) != VALISE_ACCOUNT_ASK;
  GtkWidget *const rows[] = { GTK_WIDGET (self->name_row), GTK_WIDGET (self->password_row),
                              GTK_WIDGET (self->full_name_row), GTK_WIDGET (self->admin_row),
                              GTK_WIDGET (self->admin_password_row) };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    gtk_widget_set_visible (rows[i], has_account);
  /* Somebody has to administer it. */
  if (adw_combo_row_get_selected (self->kind_row) == VALISE_ACCOUNT_STANDARD)
    adw_expander_row_set_expanded (self->more_row, TRUE);
}

static void
kind_cb (ValiseAccountOptions *self)
{
  ValiseProfile *profile = valise_choices_get_profile (self->choices);

  profile->setup.answers.account = adw_combo_row_get_selected (self->kind_row);
  show_rows (self);
}

/* One switch for all pages that can be left out; a profile may leave out some of them. */
static void
skip_cb (ValiseAccountOptions *self)
{
  ValiseAnswers *answers = &valise_choices_get_profile (self->choices)->setup.answers;
  const gboolean skip = gtk_switch_get_active (self->skip_switch);

  answers->skip_license = skip;
  answers->skip_privacy = skip;
  answers->skip_online_account = skip;
  answers->skip_network = skip;
}

static void
loaded_cb (ValiseAccountOptions *self)
{
  const ValiseAnswers *answers = &valise_choices_get_profile (self->choices)->setup.answers;
  const gboolean skip_all = answers->skip_license && answers->skip_privacy
                            && answers->skip_online_account && answers->skip_network;

  g_signal_handlers_block_by_func (self->skip_switch, skip_cb, self);
  adw_combo_row_set_selected (self->kind_row, answers->account);
  gtk_switch_set_active (self->skip_switch, skip_all);
  g_signal_handlers_unblock_by_func (self->skip_switch, skip_cb, self);
  show_rows (self);
}

/**
 * valise_account_options_set_choices:
 * @self: a group of options
 * @choices: (transfer none): what they are about; must stay
 *
 * To be called once.
 */
void
valise_account_options_set_choices (ValiseAccountOptions *self, ValiseChoices *choices)
{
  g_return_if_fail (self->choices == NULL);

  self->choices = choices;
  valise_option_rows_bind (self->name_row, choices, "account.name", valise_check_account_name);
  valise_option_rows_bind (self->password_row, choices, "account.password", valise_check_password);
  valise_option_rows_bind (self->full_name_row, choices, "account.fullName", valise_check_line);
  valise_option_rows_bind (self->computer_row, choices, "computer.name", check_pattern);
  valise_option_rows_bind (self->admin_row, choices, "administrator.name",
                           valise_check_account_name);
  valise_option_rows_bind (self->admin_password_row, choices, "administrator.password",
                           valise_check_password);
  valise_option_rows_bind (self->owner_row, choices, "computer.owner", valise_check_line);
  valise_option_rows_bind (self->organization_row, choices, "computer.organization",
                           valise_check_line);
  valise_option_rows_bind (self->key_row, choices, "computer.productKey",
                           valise_check_product_key);
  g_signal_connect_swapped (self->kind_row, "notify::selected", G_CALLBACK (kind_cb), self);
  g_signal_connect_swapped (self->skip_switch, "notify::active", G_CALLBACK (skip_cb), self);
  g_signal_connect_object (choices, "profile-loaded", G_CALLBACK (loaded_cb), self,
                           G_CONNECT_SWAPPED);
  loaded_cb (self);
}

static void
valise_account_options_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), VALISE_TYPE_ACCOUNT_OPTIONS);
  G_OBJECT_CLASS (valise_account_options_parent_class)->dispose (object);
}

static void
valise_account_options_class_init (ValiseAccountOptionsClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = valise_account_options_dispose;

  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/valise/Valise/valise-account-options.ui");
  gtk_widget_class_bind_template_child (widget_class, ValiseAccountOptions, kind_row);
  gtk_widget_class_bind_template_child (widget_class, ValiseAccountOptions, name_row);
  gtk_widget_class_bind_template_child (widget_class, ValiseAccountOptions, password_row);
  gtk_widget_class_bind_template_child (widget_class, ValiseAccountOptions, skip_row);
  gtk_widget_class_bind_template_child (widget_class, ValiseAccountOptions, skip_switch);
  gtk_widget_class_bind_template_child (widget_class, ValiseAccountOptions, more_row);
  gtk_widget_class_bind_template_child (widget_class, ValiseAccountOptions, full_name_row);
  gtk_widget_class_bind_template_child (widget_class, ValiseAccountOptions, computer_row);
  gtk_widget_class_bind_template_child (widget_class, ValiseAccountOptions, admin_row);
  gtk_widget_class_bind_template_child (widget_class, ValiseAccountOptions, admin_password_row);
  gtk_widget_class_bind_template_child (widget_class, ValiseAccountOptions, owner_row);
  gtk_widget_class_bind_template_child (widget_class, ValiseAccountOptions, organization_row);
  gtk_widget_class_bind_template_child (widget_class, ValiseAccountOptions, key_row);
}

static void
valise_account_options_init (ValiseAccountOptions *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
