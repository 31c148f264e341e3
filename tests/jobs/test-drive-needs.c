/* test-drive-needs.c: the smallest drive is the smallest one that can be laid out.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "core/valise-units.h"
#include "jobs/valise-drive-needs.h"
#include "volume/valise-layout.h"

#define PLAIN (20 * VALISE_GIB)
#define FILES (18 * VALISE_GIB)
#define PACKED (8 * VALISE_GIB)

/* Files of 18 GiB would take 8 with LZX, and 17.9 with XPRESS4K: that is within the margin. */
static const ValiseCompactEstimate estimate = {
  .plain_bytes = PLAIN,
  .n_files = 100000,
  .file_bytes = FILES,
  .packed_bytes = { FILES - 100 * VALISE_MIB, PACKED },
};

static const struct
{
  ValiseCompactMode compact;
  gboolean has_estimate;
  guint64 least; /* of what the volume of Windows must have, in bytes */
  guint64 most;
} cases[] = {
  { VALISE_COMPACT_MODE_OFF, TRUE, PLAIN, PLAIN },
  { VALISE_COMPACT_MODE_AUTO, TRUE, PLAIN, PLAIN },
  { VALISE_COMPACT_MODE_LZX, FALSE, PLAIN, PLAIN },
  { VALISE_COMPACT_MODE_XPRESS4K, TRUE, PLAIN, PLAIN },
  { VALISE_COMPACT_MODE_LZX, TRUE, PLAIN - FILES + PACKED, PLAIN - FILES + PACKED + VALISE_GIB },
};

static gboolean
can_lay_out (const ValiseDriveNeeds *needs, guint64 size, guint sector_size)
{
  ValiseLayout layout;
  guint64 volume = valise_drive_needs_get_volume (needs);

  return needs->layout == VALISE_PLAN_LAYOUT_MBR
             ? valise_layout_init_mbr (&layout, size, sector_size, volume, NULL)
             : valise_layout_init_gpt (&layout, size, sector_size, volume, NULL);
}

static void
test_cases (void)
{
  static const guint sector_sizes[] = { 512, 4096 };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    for (guint layout = 0; layout < 2; layout++)
      for (guint container = 0; container < 2; container++)
        for (guint j = 0; j < (layout == VALISE_PLAN_LAYOUT_MBR ? 1 : 2); j++)
          {
            const ValiseDriveNeeds needs = {
              .bytes = PLAIN,
              .compact = cases[i].compact,
              .estimate = cases[i].has_estimate ? &estimate : NULL,
              .layout = layout,
              .container = container == 0 ? VALISE_CONTAINER_NONE : VALISE_CONTAINER_VHDX,
            };
            const guint64 inside = valise_drive_needs_get_inside (&needs);
            const guint64 size = valise_drive_needs_get_drive (&needs, sector_sizes[j]);

            g_assert_cmpuint (inside, >=, cases[i].least);
            g_assert_cmpuint (inside, <=, cases[i].most);
            g_assert_cmpuint (valise_drive_needs_get_volume (&needs), >=, inside + container);
            g_assert_true (can_lay_out (&needs, size, sector_sizes[j]));
            g_assert_false (can_lay_out (&needs, size - VALISE_MIB, sector_sizes[j]));
          }
}

/* What was chosen for the virtual disk is what the drive must have room for. */
static void
test_container_size (void)
{
  ValiseDriveNeeds needs = {
    .bytes = PLAIN, .container = VALISE_CONTAINER_VHD, .container_size = 40 * VALISE_GIB
  };

  g_assert_cmpuint (valise_drive_needs_get_volume (&needs), >, 40 * VALISE_GIB);
  g_assert_cmpuint (valise_drive_needs_get_volume (&needs), <, 41 * VALISE_GIB);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/jobs/drive-needs/cases", test_cases);
  g_test_add_func ("/jobs/drive-needs/container-size", test_container_size);
  return g_test_run ();
}
