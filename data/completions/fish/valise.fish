# Completion of valise(1) for fish.
#
# SPDX-License-Identifier: GPL-3.0-or-later

set -l commands inspect drives drivers write verify profile
set -l none "not __fish_seen_subcommand_from $commands"

complete -c valise -f
complete -c valise -n $none -l help -d 'Show help'
complete -c valise -n $none -l version -d 'Show the version'
complete -c valise -n $none -a inspect -d 'Show what is in an image'
complete -c valise -n $none -a drives -d 'List the drives'
complete -c valise -n $none -a drivers -d 'Say whether drivers fit'
complete -c valise -n $none -a write -d 'Write an image to drives'
complete -c valise -n $none -a verify -d 'Read a finished drive back'
complete -c valise -n $none -a profile -d 'Check or save a profile'

complete -c valise -n '__fish_seen_subcommand_from inspect write' -k \
  -a '(__fish_complete_suffix .iso; __fish_complete_suffix .wim; __fish_complete_suffix .esd; __fish_complete_suffix .swm)'
complete -c valise -n '__fish_seen_subcommand_from inspect' -l compact -d 'Estimate the size with each way to compress'
complete -c valise -n '__fish_seen_subcommand_from verify profile' -F
complete -c valise -n "__fish_seen_subcommand_from $commands" -l json -d 'Print JSON'

complete -c valise -n '__fish_seen_subcommand_from drivers' -a check
complete -c valise -n '__fish_seen_subcommand_from drivers' -l architecture -x -a 'amd64 arm64 x86' -d 'Processors'
complete -c valise -n '__fish_seen_subcommand_from drivers' -l build -x -d 'Build of the Windows'
complete -c valise -n '__fish_seen_subcommand_from drives' -l all -d 'Show drives that are not offered too'

set -l write '__fish_seen_subcommand_from write'
complete -c valise -n $write -l to -r -F -d 'Drive or file to write to'
complete -c valise -n $write -l image -x -d 'Edition, by number or name'
complete -c valise -n $write -l container -x -a 'none vhdx vhd' -d 'Virtual disk for Windows'
complete -c valise -n $write -l container-size -x -d 'Size of the virtual disk'
complete -c valise -n $write -l layout -x -a 'gpt mbr' -d 'Partition table'
complete -c valise -n $write -l size -x -a '16G 32G 64G 128G 256G' -d 'Size of a virtual drive'
complete -c valise -n $write -l compact -x -a 'off xpress4k xpress8k xpress16k lzx auto' -d 'Compress Windows'
complete -c valise -n $write -l sector-size -x -a '512 4096' -d 'Sectors of a virtual drive'
complete -c valise -n $write -l boot-manager -x -a '2011 2023' -d 'Certificate of the boot manager'
complete -c valise -n $write -l allow-encrypted -d 'Let encrypted files come out empty'
complete -c valise -n $write -l no-verify -d 'Do not read the drive back'
complete -c valise -n $write -l cache -x -a '64M 128M 256M 512M' -d 'Memory for the cache'
complete -c valise -n $write -l resume -r -F -d 'Write what is left of a batch'
complete -c valise -n $write -l eject -d 'Power finished drives off'
complete -c valise -n $write -l yes -d 'Do not ask'
complete -c valise -n '__fish_seen_subcommand_from write verify' -l report -r -F -d 'The report'

set -l choices '__fish_seen_subcommand_from write profile'
complete -c valise -n '__fish_seen_subcommand_from profile' -a 'check save'
complete -c valise -n $choices -l profile -r -F -d 'Profile with other choices'
complete -c valise -n $choices -l set -x -d 'A choice as in a profile'
complete -c valise -n $choices -l account -x -d 'Local account to make'
complete -c valise -n $choices -l password-file -r -F -d 'File with its password'
complete -c valise -n $choices -l admin-password-file -r -F -d 'The administrator\'s password'
complete -c valise -n $choices -l computer-name -x -d 'Name of the computer'
complete -c valise -n $choices -l language -x -d 'Language that Windows shows'
complete -c valise -n $choices -l locale -x -d 'Form of dates and numbers'
complete -c valise -n $choices -l keyboard -x -d 'Keyboard'
complete -c valise -n $choices -l time-zone -x -d 'Time zone'
complete -c valise -n $choices -l region-of-this-computer -d 'As on this computer'
complete -c valise -n $choices -l skip-questions -d 'Ask little at the first start'
complete -c valise -n $choices -l unattend -r -F -d 'Answer file of your own'
complete -c valise -n $choices -l internal-disks -x -a 'offline online' -d 'Disks of the computers'
complete -c valise -n $choices -l device-encryption -x -a 'prevent allow' -d 'Encrypting itself'
complete -c valise -n $choices -l fast-startup -d 'Hibernate where it is shut down'
complete -c valise -n $choices -l portable-os -d 'Tell Windows that it is portable'
complete -c valise -n $choices -l require-network -d 'Insist on the internet at first'
complete -c valise -n $choices -l reg -r -F -d 'File of the registry editor to apply'
complete -c valise -n $choices -l drivers -r -a '(__fish_complete_directories)' -d 'Folder with drivers'
complete -c valise -n $choices -l save-secrets -d 'Save passwords, too'
complete -c valise -n $write -l save-profile -r -F -d 'Save these choices'
