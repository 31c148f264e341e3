/* valise-answer-rules.h: what Windows takes for a name, a key, a language or a command.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * VALISE_COMPUTER_NAME_MAX:
 *
 * The most characters of a computer's name (NetBIOS).
 */
#define VALISE_COMPUTER_NAME_MAX 15

/**
 * VALISE_SPECIALIZE_COMMAND_MAX:
 *
 * The most characters of a command that runs before anybody signs in.
 */
#define VALISE_SPECIALIZE_COMMAND_MAX 259

/**
 * VALISE_FIRST_LOGON_COMMAND_MAX:
 *
 * The most characters of a command that runs at the first sign-in.
 */
#define VALISE_FIRST_LOGON_COMMAND_MAX 1024

gboolean valise_check_account_name (const char *name, GError **error);
gboolean valise_check_computer_name (const char *name, GError **error);
gboolean valise_check_product_key (const char *key, GError **error);
gboolean valise_check_password (const char *password, GError **error);
gboolean valise_check_culture (const char *name, GError **error);
gboolean valise_check_keyboard (const char *keyboard, GError **error);
gboolean valise_check_command (const char *command, guint max, GError **error);
gboolean valise_check_line (const char *text, GError **error);

G_END_DECLS
