/* valise-list-row.h: a row that unfolds into files, folders or texts of the profile.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <adwaita.h>

#include "valise-choices.h"

G_BEGIN_DECLS

/**
 * ValiseListFacts:
 * @edition: (nullable): the edition that was chosen
 * @password: (nullable): that of certificates
 *
 * What a check may need to know; a copy of its own.
 */
typedef struct
{
  ValiseEdition *edition;
  char *password;
} ValiseListFacts;

/**
 * ValiseListCheck:
 * @value: an element of the list
 * @facts: what else counts
 * @error: where to put an error
 *
 * In a thread, and may block. Without @error, what it returns are lines on what was found.
 *
 * Returns: (transfer full): what was found; %NULL with an error
 */
typedef char *(*ValiseListCheck) (const char *value, const ValiseListFacts *facts, GError **error);

/**
 * ValiseListType:
 * @VALISE_LIST_FILES: files
 * @VALISE_LIST_FOLDERS: folders
 * @VALISE_LIST_COPIED_FILES: files with a place in Windows
 * @VALISE_LIST_COPIED_FOLDERS: folders with a place in Windows
 * @VALISE_LIST_TEXTS: texts
 */
typedef enum
{
  VALISE_LIST_FILES,
  VALISE_LIST_FOLDERS,
  VALISE_LIST_COPIED_FILES,
  VALISE_LIST_COPIED_FOLDERS,
  VALISE_LIST_TEXTS,
} ValiseListType;

/**
 * ValiseListKind:
 * @key: the profile's key
 * @type: what it is a list of
 * @is_single: whether there can only be one
 * @shares_rows: whether the kind before it shows the rows: it only adds others to the same list
 * @title: (nullable): what a text is called, untranslated
 * @add: what the row that adds one is called, untranslated
 * @filter: (nullable): what the files are, untranslated
 * @suffixes: (nullable): how their names end, with commas between
 * @check: (nullable): looks at an element
 *
 * One of the things that a row unfolds into. The strings must stay.
 */
typedef struct
{
  const char *key;
  ValiseListType type;
  gboolean is_single;
  gboolean shares_rows;
  const char *title;
  const char *add;
  const char *filter;
  const char *suffixes;
  ValiseListCheck check;
} ValiseListKind;

#define VALISE_TYPE_LIST_ROW (valise_list_row_get_type ())
G_DECLARE_FINAL_TYPE (ValiseListRow, valise_list_row, VALISE, LIST_ROW, AdwExpanderRow)

void valise_list_row_set_choices (ValiseListRow *self,
                                  ValiseChoices *choices,
                                  const ValiseListKind *kinds,
                                  guint n_kinds);
void valise_list_row_check (ValiseListRow *self);
void valise_list_row_check_soon (ValiseListRow *self);

G_END_DECLS
