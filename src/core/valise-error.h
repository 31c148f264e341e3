/* valise-error.h: the error domains, one for each party that can act on the error.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * VALISE_SOURCE_ERROR:
 *
 * The image is at fault: another file, or a repaired one, is needed.
 */
#define VALISE_SOURCE_ERROR (valise_source_error_quark ())
GQuark valise_source_error_quark (void);

typedef enum
{
  VALISE_SOURCE_ERROR_FAILED,          /* none of the below */
  VALISE_SOURCE_ERROR_UNREADABLE,      /* cannot be opened or read: the system says why */
  VALISE_SOURCE_ERROR_NOT_AN_IMAGE,    /* not a Windows image; the message says what it is */
  VALISE_SOURCE_ERROR_TRUNCATED,       /* shorter than it says of itself */
  VALISE_SOURCE_ERROR_CORRUPT,         /* digests or structures do not fit */
  VALISE_SOURCE_ERROR_ENCRYPTED,       /* an encrypted ESD, or encrypted files inside */
  VALISE_SOURCE_ERROR_NO_IMAGE_IN_ISO, /* an ISO without sources/install.{wim,esd,swm} */
  VALISE_SOURCE_ERROR_PART_MISSING,    /* a part of a split set is not there */
  VALISE_SOURCE_ERROR_NOT_A_SYSTEM,    /* a boot.wim, or an image without Windows in it */
  VALISE_SOURCE_ERROR_NO_SUCH_EDITION, /* the edition asked for does not exist */
  VALISE_SOURCE_ERROR_UNSUPPORTED,     /* right, but nothing that Valise can apply */
} ValiseSourceError;

/**
 * VALISE_DRIVE_ERROR:
 *
 * The drive is at fault: another drive, port or attempt is needed.
 */
#define VALISE_DRIVE_ERROR (valise_drive_error_quark ())
GQuark valise_drive_error_quark (void);

typedef enum
{
  VALISE_DRIVE_ERROR_FAILED,
  VALISE_DRIVE_ERROR_REFUSED,     /* the guard says no */
  VALISE_DRIVE_ERROR_TOO_SMALL,
  VALISE_DRIVE_ERROR_READ_ONLY,
  VALISE_DRIVE_ERROR_IN_USE,
  VALISE_DRIVE_ERROR_NO_MEDIUM,
  VALISE_DRIVE_ERROR_SECTOR_SIZE, /* a sector size that is not supported */
  VALISE_DRIVE_ERROR_VANISHED,    /* pulled out */
  VALISE_DRIVE_ERROR_WRITE,
  VALISE_DRIVE_ERROR_READ,
  VALISE_DRIVE_ERROR_FLUSH,
  VALISE_DRIVE_ERROR_MISMATCH,    /* read back other bytes than were written */
  VALISE_DRIVE_ERROR_FALSE_SIZE,  /* has less memory than it claims: a counterfeit */
  VALISE_DRIVE_ERROR_STALLED,     /* takes nothing, or next to nothing, and holds up others */
} ValiseDriveError;

/**
 * VALISE_SYSTEM_ERROR:
 *
 * This computer is at fault: space, rights or programs are missing.
 */
#define VALISE_SYSTEM_ERROR (valise_system_error_quark ())
GQuark valise_system_error_quark (void);

typedef enum
{
  VALISE_SYSTEM_ERROR_FAILED,
  VALISE_SYSTEM_ERROR_NO_SPACE,
  VALISE_SYSTEM_ERROR_NO_MEMORY,
  VALISE_SYSTEM_ERROR_NOT_AUTHORIZED,
  VALISE_SYSTEM_ERROR_PROGRAM_MISSING, /* a program that Valise runs is not installed */
  VALISE_SYSTEM_ERROR_LIBRARY,         /* a library does not do what it must */
  VALISE_SYSTEM_ERROR_NO_UDISKS,       /* udisks2 is not there, or does not know the drive */
  VALISE_SYSTEM_ERROR_DISMISSED,       /* the user closed the question for a password */
  VALISE_SYSTEM_ERROR_NO_AGENT,        /* nobody can ask for the password */
} ValiseSystemError;

/**
 * VALISE_PLAN_ERROR:
 *
 * What was asked for is at fault: the user has to choose otherwise.
 */
#define VALISE_PLAN_ERROR (valise_plan_error_quark ())
GQuark valise_plan_error_quark (void);

typedef enum
{
  VALISE_PLAN_ERROR_INVALID,  /* a value or a combination that makes no sense */
  VALISE_PLAN_ERROR_REPORT,   /* a report that cannot be read or does not fit the drive */
} ValisePlanError;

gboolean valise_plan_refuse (GError **error, const char *format, ...) G_GNUC_PRINTF (2, 3);

G_END_DECLS
