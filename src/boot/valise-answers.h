/* valise-answers.h: what Windows would ask at its first start, answered beforehand.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * ValiseAccountKind:
 * @VALISE_ACCOUNT_ASK: Windows asks for an account
 * @VALISE_ACCOUNT_ADMINISTRATOR: a local account that administers the computer
 * @VALISE_ACCOUNT_STANDARD: a local account that does not; another one has to
 *
 * What kind of account the owner of the drive gets.
 */
typedef enum
{
  VALISE_ACCOUNT_ASK,
  VALISE_ACCOUNT_ADMINISTRATOR,
  VALISE_ACCOUNT_STANDARD,
} ValiseAccountKind;

/**
 * ValiseAnswers:
 * @account: whether there is a local account, and of what kind
 * @account_name: (nullable): its name
 * @account_full_name: (nullable): what Windows shows instead of the name
 * @account_password: (nullable): its password; %NULL for none
 * @admin_name: (nullable): a further account, which administers the computer
 * @admin_password: (nullable): its password; %NULL for none
 * @computer_name: (nullable): %NULL: Windows makes one up
 * @owner: (nullable): who the computer is registered to
 * @organization: (nullable): the same
 * @product_key: (nullable): with which Windows is activated
 * @language: (nullable): of what Windows shows, such as `de-DE`; the image must have it
 * @locale: (nullable): of dates, numbers and money, such as `de-AT`
 * @system_locale: (nullable): for programs that do not know Unicode; %NULL for @locale
 * @keyboard: (nullable): such as `0407:00000407`, several with semicolons between them
 * @time_zone: (nullable): Windows' own name of it
 * @skip_license: whether the page with the licence terms is left out: they are accepted
 * @skip_privacy: whether the pages on privacy are left out, with everything turned off
 * @skip_online_account: whether the page for a Microsoft account is left out
 * @skip_network: whether the page for a wireless network is left out
 * @extend: whether Windows takes all of the drive at its first start
 * @remove_recovery: whether the recovery system is taken off, which would use the PC's disk
 * @prevent_encryption: whether Windows is kept from encrypting itself with the key of one PC
 * @specialize_commands: (nullable): commands for the system before anybody signs in, in order
 * @first_logon_commands: (nullable): commands at the first sign-in; Windows may run them at once
 *
 * A plain struct. What is %NULL or %FALSE is not in the answer file, so that Windows does as it
 * would without.
 */
typedef struct
{
  ValiseAccountKind account;
  char *account_name;
  char *account_full_name;
  char *account_password;
  char *admin_name;
  char *admin_password;
  char *computer_name;
  char *owner;
  char *organization;
  char *product_key;
  char *language;
  char *locale;
  char *system_locale;
  char *keyboard;
  char *time_zone;
  gboolean skip_license;
  gboolean skip_privacy;
  gboolean skip_online_account;
  gboolean skip_network;
  gboolean extend;
  gboolean remove_recovery;
  gboolean prevent_encryption;
  char **specialize_commands;
  char **first_logon_commands;
} ValiseAnswers;

void valise_answers_init_portable (ValiseAnswers *self);
void valise_answers_copy (const ValiseAnswers *self, ValiseAnswers *copy);
void valise_answers_clear (ValiseAnswers *self);
gboolean valise_answers_check (const ValiseAnswers *self, GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ValiseAnswers, valise_answers_clear)

G_END_DECLS
