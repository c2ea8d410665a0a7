#include "book/fault.h"

#include <errno.h>
#include <stddef.h>

static const struct {
    int number;
    struct cc_words words;
} faults[] = {
    // clang-format off
    { EACCES, { "Permission denied", "没有权限" } },
    { EADDRINUSE, { "Address already in use", "地址已被占用" } },
    { EADDRNOTAVAIL, { "Cannot assign requested address",
        "本机没有该地址" } },
    { EAFNOSUPPORT, { "Address family not supported by protocol",
        "协议不支持该类地址" } },
    { EAGAIN, { "Resource temporarily unavailable", "资源暂时不可用" } },
    { EBADF, { "Bad file descriptor", "文件描述符无效" } },
    { EBUSY, { "Device or resource busy", "设备或资源正忙" } },
    { ECONNABORTED, { "Software caused connection abort", "连接已中止" } },
    { ECONNREFUSED, { "Connection refused", "连接被拒绝" } },
    { ECONNRESET, { "Connection reset by peer", "连接被对方重置" } },
    { EDQUOT, { "Disk quota exceeded", "超出磁盘配额" } },
    { EEXIST, { "File exists", "文件已存在" } },
    { EFBIG, { "File too large", "文件过大" } },
    { EHOSTDOWN, { "Host is down", "主机已关闭" } },
    { EHOSTUNREACH, { "No route to host", "没有到主机的路由" } },
    { EINTR, { "Interrupted system call", "系统调用被中断" } },
    { EINVAL, { "Invalid argument", "参数无效" } },
    { EIO, { "Input/output error", "输入输出错误" } },
    { EISDIR, { "Is a directory", "是一个目录" } },
    { ELOOP, { "Too many levels of symbolic links", "符号链接层级过多" } },
    { EMFILE, { "Too many open files", "打开的文件过多" } },
    { EMLINK, { "Too many links", "链接过多" } },
    { ENAMETOOLONG, { "File name too long", "文件名过长" } },
    { ENETDOWN, { "Network is down", "网络已关闭" } },
    { ENETUNREACH, { "Network is unreachable", "网络不可达" } },
    { ENFILE, { "Too many open files in system", "系统打开的文件过多" } },
    { ENODEV, { "No such device", "没有该设备" } },
    { ENOENT, { "No such file or directory", "没有该文件或目录" } },
    { ENOEXEC, { "Exec format error", "可执行文件格式错误" } },
    { ENOMEM, { "Cannot allocate memory", "无法分配内存" } },
    { ENOSPC, { "No space left on device", "设备上没有剩余空间" } },
    { ENOTDIR, { "Not a directory", "不是目录" } },
    { ENOTEMPTY, { "Directory not empty", "目录不为空" } },
    { ENXIO, { "No such device or address", "没有该设备或地址" } },
    { EPERM, { "Operation not permitted", "不允许该操作" } },
    { EPIPE, { "Broken pipe", "管道已断开" } },
    { EROFS, { "Read-only file system", "文件系统只读" } },
    { ESTALE, { "Stale file handle", "文件句柄已过期" } },
    { ETIMEDOUT, { "Connection timed out", "连接超时" } },
    { ETXTBSY, { "Text file busy", "程序文件正在使用" } },
    { EXDEV, { "Invalid cross-device link", "不能跨设备链接" } },
    // clang-format on
};

struct cc_words cc_fault_words(int number)
{
    for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
        if (faults[i].number == number) {
            return faults[i].words;
        }
    }
    return (struct cc_words){ NULL, NULL };
}
