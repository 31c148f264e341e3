/* valise-list-checks.h: what is found in files that were chosen for Windows.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "valise-list-row.h"

G_BEGIN_DECLS

char *valise_list_check_drivers (const char *value, const ValiseListFacts *facts, GError **error);
char *valise_list_check_reg_file (const char *value, const ValiseListFacts *facts, GError **error);
char *
valise_list_check_answer_file (const char *value, const ValiseListFacts *facts, GError **error);
char *valise_list_check_copy (const char *value, const ValiseListFacts *facts, GError **error);
char *
valise_list_check_system_command (const char *value, const ValiseListFacts *facts, GError **error);
char *valise_list_check_command (const char *value, const ValiseListFacts *facts, GError **error);
char *valise_list_check_applocker (const char *value, const ValiseListFacts *facts, GError **error);
char *
valise_list_check_app_control (const char *value, const ValiseListFacts *facts, GError **error);
char *valise_list_check_wifi (const char *value, const ValiseListFacts *facts, GError **error);
char *valise_list_check_root (const char *value, const ValiseListFacts *facts, GError **error);
char *valise_list_check_client (const char *value, const ValiseListFacts *facts, GError **error);

char *valise_list_describe_drivers (const GPtrArray *packages);

G_END_DECLS
