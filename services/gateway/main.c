#include "services/gateway/gateway.h"
#include "services/known.h"

int main(int argc, char **argv)
{
    struct gateway_settings settings;
    struct service_program program = gateway_program(&settings);
    program.programs = conse_programs;
    return service_main(&program, argc, argv);
}
