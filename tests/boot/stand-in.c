/* stand-in.c: stands for a program of Windows: writes down how it was called.
 *
 * For Windows, or Wine, without a C library. Appends its command line to the file that the variable
 * VALISE_RECORD names, in UTF-16. Where there is a file “fail” in the current folder, that is
 * removed, and the program fails.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
typedef void *Handle;
typedef unsigned int Dword;
typedef unsigned short Char;

#define IMPORT __declspec (dllimport)

IMPORT Char *GetCommandLineW (void);
IMPORT Handle CreateFileW (const Char *, Dword, Dword, void *, Dword, Dword, Handle);
IMPORT int WriteFile (Handle, const void *, Dword, Dword *, void *);
IMPORT int DeleteFileW (const Char *);
IMPORT Handle GetStdHandle (Dword);
IMPORT Dword GetEnvironmentVariableW (const Char *, Char *, Dword);
IMPORT __declspec (noreturn) void ExitProcess (Dword);

void start (void);

void
start (void)
{
  static const Char variable[] = u"VALISE_RECORD";
  static const char said[] = "said by the stand-in\r\n";
  Char path[512];
  const Char *line = GetCommandLineW ();
  Dword length = 0, written;
  Handle file;

  while (line[length] != 0)
    length++;
  GetEnvironmentVariableW (variable, path, 512);
  /* FILE_APPEND_DATA, shared, OPEN_ALWAYS */
  file = CreateFileW (path, 4, 3, 0, 4, 0, 0);
  WriteFile (file, line, length * 2, &written, 0);
  WriteFile (file, u"\n", 2, &written, 0);
  WriteFile (GetStdHandle ((Dword) -11), said, sizeof said - 1, &written, 0);
  ExitProcess (DeleteFileW (u"fail") ? 1 : 0);
}
