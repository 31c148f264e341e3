/* sample-clock.c: a clock that stands still, for programs that write today's date into their files.
 *
 * Loaded with LD_PRELOAD into genisoimage, which has no option for the date of its descriptors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <sys/time.h>
#include <time.h>

#define SAMPLE_TIME 1700000000 /* 2023-11-14 22:13:20 UTC */

time_t
time (time_t *result)
{
  if (result != NULL)
    *result = SAMPLE_TIME;
  return SAMPLE_TIME;
}

int
gettimeofday (struct timeval *restrict result, void *restrict zone)
{
  result->tv_sec = SAMPLE_TIME;
  result->tv_usec = 0;
  return 0;
}

int
clock_gettime (clockid_t clock, struct timespec *result)
{
  result->tv_sec = SAMPLE_TIME;
  result->tv_nsec = 0;
  return 0;
}

clock_t
clock (void)
{
  return 0;
}
