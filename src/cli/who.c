#include "cli/who.h"
#include "base/str.h"
#include <pwd.h>
#include <stdio.h>
#include <sys/utsname.h>
#include <unistd.h>

void who_decides(char to[static WHO_BYTES])
{
    char memory[4096];
    struct passwd entry;
    struct passwd *found = NULL;
    if (getpwuid_r(getuid(), &entry, memory, sizeof memory, &found) == 0 && found != NULL) {
        (void)str_copy_to(to, WHO_BYTES, str_from(entry.pw_name));
    } else {
        (void)snprintf(to, WHO_BYTES, "uid %u", (unsigned)getuid());
    }
}

void who_holds(const char *command, char to[static WHO_HOLDS_BYTES])
{
    struct utsname machine;
    const char *host = uname(&machine) >= 0 ? machine.nodename : "this machine";
    (void)snprintf(
        to, WHO_HOLDS_BYTES, "`counterfoil %s`, process %d on %.80s", command, (int)getpid(), host);
}
