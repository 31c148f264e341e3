/* valise-answers.c: what Windows would ask at its first start, answered beforehand.
 *
 * Each answer is checked alone (valise-answer-rules.c) and with the others: what does not fit
 * together would show only in front of the drive's owner.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-answers.h"

#include <glib/gi18n-lib.h>

#include "core/valise-error.h"
#include "valise-answer-rules.h"
#include "valise-windows-zones.h"

/**
 * valise_answers_init_portable:
 * @self: (out caller-allocates): gets what every portable Windows needs
 */
void
valise_answers_init_portable (ValiseAnswers *self)
{
  *self = (ValiseAnswers) {
    .extend = TRUE,
    .remove_recovery = TRUE,
    .prevent_encryption = TRUE,
  };
}

/**
 * valise_answers_copy:
 * @self: answers
 * @copy: (out caller-allocates): gets a copy of everything
 */
void
valise_answers_copy (const ValiseAnswers *self, ValiseAnswers *copy)
{
  *copy = *self;
  copy->account_name = g_strdup (self->account_name);
  copy->account_full_name = g_strdup (self->account_full_name);
  copy->account_password = g_strdup (self->account_password);
  copy->admin_name = g_strdup (self->admin_name);
  copy->admin_password = g_strdup (self->admin_password);
  copy->computer_name = g_strdup (self->computer_name);
  copy->owner = g_strdup (self->owner);
  copy->organization = g_strdup (self->organization);
  copy->product_key = g_strdup (self->product_key);
  copy->language = g_strdup (self->language);
  copy->locale = g_strdup (self->locale);
  copy->system_locale = g_strdup (self->system_locale);
  copy->keyboard = g_strdup (self->keyboard);
  copy->time_zone = g_strdup (self->time_zone);
  copy->specialize_commands = g_strdupv (self->specialize_commands);
  copy->first_logon_commands = g_strdupv (self->first_logon_commands);
}

/**
 * valise_answers_clear:
 * @self: answers
 */
void
valise_answers_clear (ValiseAnswers *self)
{
  g_free (self->account_name);
  g_free (self->account_full_name);
  g_free (self->account_password);
  g_free (self->admin_name);
  g_free (self->admin_password);
  g_free (self->computer_name);
  g_free (self->owner);
  g_free (self->organization);
  g_free (self->product_key);
  g_free (self->language);
  g_free (self->locale);
  g_free (self->system_locale);
  g_free (self->keyboard);
  g_free (self->time_zone);
  g_strfreev (self->specialize_commands);
  g_strfreev (self->first_logon_commands);
  *self = (ValiseAnswers) { 0 };
}

static gboolean
is_same_name (const char *a, const char *b)
{
  g_autofree char *folded_a = a != NULL ? g_utf8_casefold (a, -1) : NULL;
  g_autofree char *folded_b = b != NULL ? g_utf8_casefold (b, -1) : NULL;

  return a != NULL && b != NULL && g_str_equal (folded_a, folded_b);
}

static gboolean
check_accounts (const ValiseAnswers *self, GError **error)
{
  const char *clash = NULL;

  if (self->account != VALISE_ACCOUNT_ASK && self->account_name == NULL)
    g_set_error_literal (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_INVALID,
                         _ ("The account has no name. Give it one."));
  else if (self->account == VALISE_ACCOUNT_ASK &&
           (self->account_name != NULL || self->account_password != NULL ||
            self->account_full_name != NULL))
    g_set_error_literal (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_INVALID,
                         _ ("There is a name or a password for an account, but Windows is to ask "
                            "for the account. Say what kind of account it is to be."));
  else if (self->account == VALISE_ACCOUNT_STANDARD && self->admin_name == NULL)
    g_set_error_literal (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_INVALID,
                         _ ("Nobody could administer this Windows: the account is a standard "
                            "account. Name an administrator's account, too, or let the account "
                            "be an administrator's."));
  else if (self->admin_name == NULL && self->admin_password != NULL)
    g_set_error_literal (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_INVALID,
                         _ ("There is a password for an administrator's account, but no name. "
                            "Name the account."));
  else if (is_same_name (self->account_name, self->admin_name))
    g_set_error (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_INVALID,
                 _ ("Both accounts are called “%s”. Give them different names."),
                 self->admin_name);
  else if (is_same_name (self->account_name, self->computer_name))
    clash = self->account_name;
  else if (is_same_name (self->admin_name, self->computer_name))
    clash = self->admin_name;
  else
    return (self->account_name == NULL ||
            valise_check_account_name (self->account_name, error)) &&
           (self->admin_name == NULL || valise_check_account_name (self->admin_name, error)) &&
           (self->account_password == NULL ||
            valise_check_password (self->account_password, error)) &&
           (self->admin_password == NULL || valise_check_password (self->admin_password, error));
  if (clash != NULL)
    g_set_error (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_INVALID,
                 _ ("The computer and an account are both called “%s”, which Windows does not "
                    "allow. Choose another name for one of them."),
                 clash);
  return FALSE;
}

static gboolean
check_region (const ValiseAnswers *self, GError **error)
{
  const char *const cultures[] = { self->language, self->locale, self->system_locale };

  for (guint i = 0; i < G_N_ELEMENTS (cultures); i++)
    if (cultures[i] != NULL && !valise_check_culture (cultures[i], error))
      return FALSE;
  if (self->keyboard != NULL && !valise_check_keyboard (self->keyboard, error))
    return FALSE;
  if (self->time_zone == NULL || valise_windows_zone_is_known (self->time_zone))
    return TRUE;
  g_set_error (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_INVALID,
               _ ("“%s” is not a time zone of Windows. Write it as “W. Europe Standard Time” or "
                  "“Europe/Berlin”."),
               self->time_zone);
  return FALSE;
}

static gboolean
check_commands (char **commands, guint max, GError **error)
{
  for (guint i = 0; commands != NULL && commands[i] != NULL; i++)
    if (!valise_check_command (commands[i], max, error))
      return FALSE;
  return TRUE;
}

/**
 * valise_answers_check:
 * @self: answers
 * @error: where to put an error of %VALISE_PLAN_ERROR, which never has a password or key in it
 *
 * Returns: whether Windows can do as the answers say
 */
gboolean
valise_answers_check (const ValiseAnswers *self, GError **error)
{
  const char *const lines[] = { self->account_full_name, self->owner, self->organization };

  for (guint i = 0; i < G_N_ELEMENTS (lines); i++)
    if (lines[i] != NULL && !valise_check_line (lines[i], error))
      return FALSE;
  return check_accounts (self, error) &&
         (self->computer_name == NULL ||
          valise_check_computer_name (self->computer_name, error)) &&
         (self->product_key == NULL || valise_check_product_key (self->product_key, error)) &&
         check_region (self, error) &&
         check_commands (self->specialize_commands, VALISE_SPECIALIZE_COMMAND_MAX, error) &&
         check_commands (self->first_logon_commands, VALISE_FIRST_LOGON_COMMAND_MAX, error);
}
