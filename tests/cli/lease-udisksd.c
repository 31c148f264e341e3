/* lease-udisksd.c: a udisks2 with one drive, as a program, for tests of the command line.
 *
 * usage: lease-udisksd BUS-ADDRESS DEVICE SIZE [WORD=VALUE …]
 *
 * Says “ready”, then all that was called whenever that has become more, until its standard input
 * ends.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../devices/lease-udisks.h"

#define POLL_MS 50

static void
set_word (LeaseScript *script, const char *word, const char *value)
{
  if (g_str_equal (word, "mount"))
    script->mounts[0] = value;
  else if (g_str_equal (word, "fail"))
    script->fail = value;
  else if (g_str_equal (word, "error"))
    script->error = value;
  else if (g_str_equal (word, "off"))
    script->can_power_off = TRUE;
  else
    g_error ("what is “%s”?", word);
}

int
main (int argc, char **argv)
{
  LeaseScript script = { .times = G_MAXUINT };
  g_autoptr (LeaseUdisks) udisks = NULL;
  g_autofree char *said = g_strdup ("");
  struct stat status;

  g_assert_cmpint (argc, >=, 4);
  g_assert_cmpint (stat (argv[2], &status), ==, 0);
  script.device = script.file = argv[2];
  script.number = status.st_rdev;
  script.size = g_ascii_strtoull (argv[3], NULL, 10);
  for (int i = 4; i < argc; i++)
    {
      g_auto (GStrv) parts = g_strsplit (argv[i], "=", 2);

      g_assert_cmpuint (g_strv_length (parts), ==, 2);
      set_word (&script, parts[0], argv[i] + strlen (parts[0]) + 1);
    }
  udisks = lease_udisks_new (argv[1], &script);
  printf ("ready\n");
  fflush (stdout);
  for (gboolean more = TRUE; more;)
    {
      struct pollfd input = { .fd = STDIN_FILENO, .events = POLLIN };
      g_autofree char *calls = NULL;

      more = poll (&input, 1, POLL_MS) == 0;
      calls = lease_udisks_dup_calls (udisks);
      if (g_strcmp0 (calls, said) == 0)
        continue;
      printf ("%s\n", calls);
      fflush (stdout);
      g_free (said);
      said = g_steal_pointer (&calls);
    }
  return 0;
}
