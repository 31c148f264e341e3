/* test-model.c: the modelled drive's costs, against cases computed by hand.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "model.h"

#define KIB G_GUINT64_CONSTANT (1024)
#define MIB (1024 * KIB)
#define MS G_GINT64_CONSTANT (1000000)

/* Round numbers, so that the sums can be done in one's head: a write of 1 MiB takes 8 ms, a read of
 * 1 MiB 4 ms, a command 1 ms and a merge 20 ms. */
static const ValiseModelParams params = {
  .size = 64 * MIB,
  .write_rate = 125 * MIB,
  .read_rate = 250 * MIB,
  .command_ns = 1 * MS,
  .merge_ns = 20 * MS,
  .unit_size = 4 * MIB,
  .n_units = 2,
  .max_request = 0,
  .join_ns = 0,
};

#define MAX_STEPS 8

typedef struct
{
  char command; /* w, r or 0 at the end */
  guint64 offset;
  guint64 length;
  gint64 at_ms;
  gint64 end_ms; /* what the drive must answer */
} Step;

typedef struct
{
  const char *name;
  Step steps[MAX_STEPS];
  guint64 merges;
  guint64 distinct_bytes;
} Case;

static const Case cases[] = {
  { "one write at a unit's start",
    { { 'w', 0, MIB, 0, 9 } },
    0, MIB },
  { "one read",
    { { 'r', 5 * MIB, MIB, 100, 105 } },
    0, 0 },
  { "a request waits for the one before it",
    { { 'w', 0, MIB, 0, 9 }, { 'r', 0, MIB, 2, 14 }, { 'w', MIB, MIB, 14, 23 } },
    0, 2 * MIB },
  { "an idle drive starts at once",
    { { 'w', 0, MIB, 0, 9 }, { 'w', MIB, MIB, 50, 59 } },
    0, 2 * MIB },
  { "a unit opened in its middle is merged",
    { { 'w', 5 * MIB, MIB, 0, 29 } },
    1, MIB },
  { "backwards inside an open unit, also over the same bytes",
    { { 'w', 0, MIB, 0, 9 }, { 'w', 0, MIB, 10, 39 }, { 'w', MIB, MIB, 40, 49 } },
    1, 2 * MIB },
  { "after going backwards, the unit goes on from there",
    { { 'w', 0, 2 * MIB, 0, 17 }, { 'w', 0, MIB, 20, 49 }, { 'w', MIB, MIB, 50, 59 } },
    1, 2 * MIB },
  { "skipping forwards inside an open unit",
    { { 'w', 0, MIB, 0, 9 }, { 'w', 2 * MIB, MIB, 10, 19 } },
    0, 2 * MIB },
  { "a full unit that is still open is not opened anew",
    { { 'w', 0, 4 * MIB, 0, 33 }, { 'w', 0, MIB, 40, 69 } },
    1, 4 * MIB },
  { "as many streams as units",
    { { 'w', 0, MIB, 0, 9 },
      { 'w', 4 * MIB, MIB, 10, 19 },
      { 'w', MIB, MIB, 20, 29 },
      { 'w', 5 * MIB, MIB, 30, 39 } },
    0, 4 * MIB },
  { "one stream more: the least recently used unit is closed",
    { { 'w', 0, MIB, 0, 9 },
      { 'w', 4 * MIB, MIB, 10, 19 },
      { 'w', MIB, MIB, 20, 29 },     /* the first unit is the most recent now */
      { 'w', 8 * MIB, MIB, 30, 39 }, /* closes the second */
      { 'w', 2 * MIB, MIB, 40, 49 }, /* the first is still open */
      { 'w', 5 * MIB, MIB, 50, 79 } },
    1, 6 * MIB },
  { "a write over two units, the first of them from its middle",
    { { 'w', 3 * MIB, 2 * MIB, 0, 37 } },
    1, 2 * MIB },
  { "a write over three units uses both places, the last two stay open",
    { { 'w', 0, 9 * MIB, 0, 73 }, { 'w', 9 * MIB, MIB, 80, 89 }, { 'w', 3 * MIB, MIB, 90, 119 } },
    1, 10 * MIB },
  { "reads open and close nothing",
    { { 'w', 0, MIB, 0, 9 },
      { 'r', 20 * MIB, MIB, 10, 15 },
      { 'r', 30 * MIB, MIB, 20, 25 },
      { 'r', 40 * MIB, MIB, 30, 35 },
      { 'w', MIB, MIB, 40, 49 } },
    0, 2 * MIB },
  { "the drive's last byte",
    { { 'r', 64 * MIB - 512 * KIB, 512 * KIB, 0, 3 } },
    0, 0 },
};

static void
test_costs (gconstpointer data)
{
  const Case *c = data;
  g_autoptr (ValiseModel) model = valise_model_new (&params);
  const ValiseModelStats *stats = valise_model_get_stats (model);
  guint64 writes = 0, reads = 0, write_bytes = 0, read_bytes = 0;

  for (guint i = 0; i < MAX_STEPS && c->steps[i].command != 0; i++)
    {
      const Step *s = &c->steps[i];
      gint64 end;

      g_test_message ("step %u", i);
      if (s->command == 'w')
        {
          end = valise_model_write (model, s->offset, s->length, s->at_ms * MS);
          writes++;
          write_bytes += s->length;
        }
      else
        {
          end = valise_model_read (model, s->offset, s->length, s->at_ms * MS);
          reads++;
          read_bytes += s->length;
        }
      g_assert_cmpint (end, ==, s->end_ms * MS);
    }

  g_assert_cmpuint (stats->writes, ==, writes);
  g_assert_cmpuint (stats->write_bytes, ==, write_bytes);
  g_assert_cmpuint (stats->reads, ==, reads);
  g_assert_cmpuint (stats->read_bytes, ==, read_bytes);
  g_assert_cmpuint (stats->merges, ==, c->merges);
  g_assert_cmpuint (stats->distinct_pages * VALISE_MODEL_PAGE, ==, c->distinct_bytes);
  g_assert_cmpuint (stats->joined, ==, 0);
}

/* Pages that are touched count whole. */
static void
test_pages (void)
{
  g_autoptr (ValiseModel) model = valise_model_new (&params);
  const ValiseModelStats *stats = valise_model_get_stats (model);

  valise_model_write (model, 512, 512, 0);
  g_assert_cmpuint (stats->distinct_pages, ==, 1);
  valise_model_write (model, 1024, 512, 0);
  g_assert_cmpuint (stats->distinct_pages, ==, 1);
  valise_model_write (model, 4095, 2, 0);
  g_assert_cmpuint (stats->distinct_pages, ==, 2);
  valise_model_write (model, 64 * MIB - 1, 1, 0);
  g_assert_cmpuint (stats->distinct_pages, ==, 3);
  g_assert_cmpuint (stats->write_bytes, ==, 1027);
}

/* A command of 2.5 MiB that the system splits at 1 MiB costs and counts as one; what follows a
 * shorter request, comes too late, elsewhere or in the other direction is a command of its own. */
static void
test_join (void)
{
  ValiseModelParams split = params;
  g_autoptr (ValiseModel) model = NULL;
  const ValiseModelStats *stats;

  split.max_request = MIB;
  split.join_ns = MS / 2;
  model = valise_model_new (&split);
  stats = valise_model_get_stats (model);

  g_assert_cmpint (valise_model_write (model, 0, MIB, 0), ==, 9 * MS);
  g_assert_cmpint (valise_model_write (model, MIB, MIB, 9 * MS), ==, 17 * MS);
  /* It arrives half a millisecond late, and so the drive was idle for that long. */
  g_assert_cmpint (valise_model_write (model, 2 * MIB, MIB / 2, 17 * MS + MS / 2), ==,
                   21 * MS + MS / 2);
  g_assert_cmpuint (stats->writes, ==, 1);
  g_assert_cmpuint (stats->joined, ==, 2);
  g_assert_cmpint (stats->busy_ns, ==, 21 * MS);

  /* After a request that was not of the largest size. */
  g_assert_cmpint (valise_model_write (model, 5 * MIB / 2, MIB, 30 * MS), ==, 39 * MS);
  /* Too late: 1 ms after the end. */
  g_assert_cmpint (valise_model_write (model, 7 * MIB / 2, MIB / 2, 40 * MS), ==, 45 * MS);
  g_assert_cmpuint (stats->writes, ==, 3);

  g_assert_cmpint (valise_model_write (model, 4 * MIB, MIB, 50 * MS), ==, 59 * MS);
  /* The other direction, then elsewhere. */
  g_assert_cmpint (valise_model_read (model, 5 * MIB, MIB, 59 * MS), ==, 64 * MS);
  g_assert_cmpint (valise_model_read (model, 7 * MIB, MIB, 64 * MS), ==, 69 * MS);
  /* Reads are joined in the same way. */
  g_assert_cmpint (valise_model_read (model, 8 * MIB, MIB, 69 * MS), ==, 73 * MS);
  g_assert_cmpuint (stats->writes, ==, 4);
  g_assert_cmpuint (stats->reads, ==, 2);
  g_assert_cmpuint (stats->joined, ==, 3);
  g_assert_cmpuint (stats->merges, ==, 0);
}

static void
test_sync_and_reset (void)
{
  g_autoptr (ValiseModel) model = valise_model_new (&params);
  const ValiseModelStats *stats = valise_model_get_stats (model);

  g_assert_cmpint (valise_model_sync (model, 5 * MS), ==, 5 * MS);
  valise_model_write (model, 0, MIB, 10 * MS);
  g_assert_cmpint (valise_model_sync (model, 12 * MS), ==, 19 * MS);
  g_assert_cmpint (valise_model_sync (model, 40 * MS), ==, 40 * MS);
  g_assert_cmpuint (stats->syncs, ==, 3);
  g_assert_cmpint (stats->busy_ns, ==, 9 * MS);

  valise_model_reset (model);
  g_assert_cmpuint (stats->syncs, ==, 0);
  g_assert_cmpuint (stats->writes, ==, 0);
  g_assert_cmpuint (stats->distinct_pages, ==, 0);
  g_assert_cmpint (stats->busy_ns, ==, 0);
  /* The unit is closed: going on in its middle is a merge now. */
  g_assert_cmpint (valise_model_write (model, MIB, MIB, 50 * MS), ==, 79 * MS);
  g_assert_cmpuint (stats->distinct_pages, ==, 256);
}

/* The drive that the benchmark uses, with the numbers of a data sheet. */
static void
test_default_drive (void)
{
  ValiseModelParams stick = params;
  g_autoptr (ValiseModel) model = NULL;

  stick.write_rate = 120000000;
  stick.read_rate = 250000000;
  stick.command_ns = 150000;
  model = valise_model_new (&stick);

  /* 4 MiB: 0.15 ms + 4,194,304 / 120 = 34,952.53 µs. */
  g_assert_cmpint (valise_model_write (model, 0, 4 * MIB, 0), ==, 150000 + 34952533);
  /* 64 KiB: 0.15 ms + 65,536 / 250 = 262.144 µs. */
  g_assert_cmpint (valise_model_read (model, 0, 64 * KIB, 1000 * MS), ==,
                   1000 * MS + 150000 + 262144);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strdup_printf ("/bench/model/costs/%s", cases[i].name);

      g_test_add_data_func (path, &cases[i], test_costs);
    }
  g_test_add_func ("/bench/model/pages", test_pages);
  g_test_add_func ("/bench/model/join", test_join);
  g_test_add_func ("/bench/model/sync-and-reset", test_sync_and_reset);
  g_test_add_func ("/bench/model/default-drive", test_default_drive);
  return g_test_run ();
}
