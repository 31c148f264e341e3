/* fake-drives.h: a udisks2 with the drives that a test wants.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <udisks/udisks.h>

/* What is NULL or 0 is empty there; a new drive has a medium and can be written. */
typedef struct
{
  const char *device; /* “/dev/sdb”; a real one has its own number */
  const char *vendor;
  const char *model;
  const char *serial;
  const char *wwn;
  const char *bus;
  guint64 size;
  const char *media; /* “optical_cd”, “flash_sd” */
  gboolean internal;
  gboolean fixed; /* can be neither ejected nor switched off */
  gboolean read_only;
} FakeDrive;

typedef struct
{
  guint number; /* 0: fills the drive */
  guint64 size;
  const char *type;
  const char *label;
  const char *mounts; /* folders, with “:” between them */
  gboolean swap;      /* in use */
  const char *opened; /* node of the open form, where it is encrypted */
  const char *raid;   /* name of a RAID that runs */
} FakePart;

typedef enum
{
  FAKE_REMOVE_BLOCK_FIRST,
  FAKE_REMOVE_DRIVE_FIRST,
  FAKE_REMOVE_AT_ONCE,
} FakeRemoval;

typedef struct _FakeDrives FakeDrives;

FakeDrives *fake_drives_new (GDBusConnection *bus);
void fake_drives_free (FakeDrives *self);
void fake_drives_serve (FakeDrives *self, gboolean serve);
void fake_drives_add (FakeDrives *self, const FakeDrive *drive);
void fake_drives_add_block_only (FakeDrives *self, const FakeDrive *drive);
void fake_drives_add_drive_only (FakeDrives *self, const FakeDrive *drive);
void fake_drives_add_part (FakeDrives *self, const char *device, const FakePart *part);
void fake_drives_mount (FakeDrives *self, const char *device, guint number, const char *mounts);
void fake_drives_set_medium (FakeDrives *self, const char *device, guint64 size);
void fake_drives_set_answer (FakeDrives *self, const char *device, int code);
void fake_drives_remove (FakeDrives *self, const char *device, FakeRemoval order);
UDisksBlock *fake_drives_get_block (FakeDrives *self, const char *device);
