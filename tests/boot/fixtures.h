/* fixtures.h: real BCD stores, which are beside the project and not part of it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

/* The path of a real store, or NULL, when the test is skipped. */
static inline char *
find_fixture (const char *name)
{
  const char *folder = g_getenv ("VALISE_TEST_FIXTURES");
  g_autofree char *path = g_build_filename (folder != NULL ? folder : ".", "bcd", name, NULL);

  if (g_file_test (path, G_FILE_TEST_IS_REGULAR))
    return g_steal_pointer (&path);
  g_test_skip ("the real stores in ../shared/fixtures/bcd are not there");
  return NULL;
}
