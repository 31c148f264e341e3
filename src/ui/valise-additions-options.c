/* valise-additions-options.c: the options of what is added to Windows.
 *
 * A group of the page of options: drivers, files, settings and commands, each behind an expander.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-additions-options.h"

#include <glib/gi18n.h>

#include "valise-list-checks.h"

struct _ValiseAdditionsOptions
{
  AdwPreferencesGroup parent_instance;

  ValiseListRow *drivers_row;
  ValiseListRow *copies_row;
  ValiseListRow *settings_row;
  ValiseListRow *commands_row;
};

G_DEFINE_FINAL_TYPE (ValiseAdditionsOptions, valise_additions_options, ADW_TYPE_PREFERENCES_GROUP)

static const ValiseListKind drivers[] = {
  { .key = "drivers.folders",
    .type = VALISE_LIST_FOLDERS,
    .add = N_ ("Add a Folder of Drivers…"),
    .check = valise_list_check_drivers },
};

static const ValiseListKind copies[] = {
  { .key = "company.copy",
    .type = VALISE_LIST_COPIED_FILES,
    .add = N_ ("Add a File…"),
    .check = valise_list_check_copy },
  { .key = "company.copy",
    .type = VALISE_LIST_COPIED_FOLDERS,
    .shares_rows = TRUE,
    .add = N_ ("Add a Folder…"),
    .check = valise_list_check_copy },
};

static const ValiseListKind settings[] = {
  { .key = "registry.files",
    .type = VALISE_LIST_FILES,
    .add = N_ ("Add a Registry File…"),
    .filter = N_ ("Files of the registry editor (.reg)"),
    .suffixes = "reg",
    .check = valise_list_check_reg_file },
  { .key = "firstStart.answerFile",
    .type = VALISE_LIST_FILES,
    .is_single = TRUE,
    .add = N_ ("Choose an Answer File…"),
    .filter = N_ ("Answer files (XML)"),
    .suffixes = "xml",
    .check = valise_list_check_answer_file },
};

static const ValiseListKind commands[] = {
  { .key = "firstStart.systemCommands",
    .type = VALISE_LIST_TEXTS,
    .title = N_ ("Before Anybody Signs In"),
    .add = N_ ("Add a Command Before Anybody Signs In"),
    .check = valise_list_check_system_command },
  { .key = "firstStart.commands",
    .type = VALISE_LIST_TEXTS,
    .title = N_ ("At the First Sign-In"),
    .add = N_ ("Add a Command at the First Sign-In"),
    .check = valise_list_check_command },
};

/**
 * valise_additions_options_set_choices:
 * @self: a group of options
 * @choices: (transfer none): what they are about; must stay
 *
 * To be called once.
 */
void
valise_additions_options_set_choices (ValiseAdditionsOptions *self, ValiseChoices *choices)
{
  valise_list_row_set_choices (self->drivers_row, choices, drivers, G_N_ELEMENTS (drivers));
  valise_list_row_set_choices (self->copies_row, choices, copies, G_N_ELEMENTS (copies));
  valise_list_row_set_choices (self->settings_row, choices, settings, G_N_ELEMENTS (settings));
  valise_list_row_set_choices (self->commands_row, choices, commands, G_N_ELEMENTS (commands));
}

static void
valise_additions_options_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), VALISE_TYPE_ADDITIONS_OPTIONS);
  G_OBJECT_CLASS (valise_additions_options_parent_class)->dispose (object);
}

static void
valise_additions_options_class_init (ValiseAdditionsOptionsClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = valise_additions_options_dispose;

  g_type_ensure (VALISE_TYPE_LIST_ROW);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/valise/Valise/valise-additions-options.ui");
  gtk_widget_class_bind_template_child (widget_class, ValiseAdditionsOptions, drivers_row);
  gtk_widget_class_bind_template_child (widget_class, ValiseAdditionsOptions, copies_row);
  gtk_widget_class_bind_template_child (widget_class, ValiseAdditionsOptions, settings_row);
  gtk_widget_class_bind_template_child (widget_class, ValiseAdditionsOptions, commands_row);
}

static void
valise_additions_options_init (ValiseAdditionsOptions *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
