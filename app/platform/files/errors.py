"""What can be wrong with a photo or an attachment, in words that say what to do."""

from app.kit.errors import Invalid, NotFound, Unavailable
from app.kit.i18n import N_


class PhotoMissing(Invalid):
    code = "files.photo_missing"
    msgid = N_("没有收到照片。请重新拍一张或选一张。")


class PhotoTooLarge(Invalid):
    code = "files.photo_too_large"
    msgid = N_("这张照片太大（超过 20 MB），请换一张，或在手机里压缩后再传。")


class PhotoHasTooManyPixels(Invalid):
    code = "files.photo_has_too_many_pixels"
    msgid = N_("这张照片的尺寸太大（超过 5000 万像素），请换一张，或截图后再传。")


class NotAPhoto(Invalid):
    code = "files.not_a_photo"
    msgid = N_("这不是照片，或者已经损坏。请选 JPG、PNG、WebP 或 HEIC 图片。")


class PhotoNotUsable(Invalid):
    """Unknown, somebody else's, refused, deleted, or already part of something else."""

    code = "files.photo_not_usable"
    msgid = N_("有照片已经失效或不能使用，请删掉它重新拍一张。其余内容都在。")


class PhotoNotFound(NotFound):
    code = "files.photo_not_found"
    msgid = N_("照片不存在，或者链接已经过期。请回到原页面重新打开。")


class StorageFailed(Unavailable):
    code = "files.storage_failed"
    msgid = N_("照片暂时存不进来。其余内容都在，请过几分钟再传，也可以先不带照片提交。")


class AttachmentRefused(Invalid):
    code = "files.attachment_refused"
    msgid = N_("附件只收完整的 PDF 文件，10 MB 以内。请另存为 PDF 后再传。")


class AttachmentNotUsable(Invalid):
    """Unknown, somebody else's, deleted, or already part of something else."""

    code = "files.attachment_not_usable"
    msgid = N_("有附件已经失效或不能使用，请删掉它重新上传。其余内容都在。")


class AttachmentNotFound(NotFound):
    code = "files.attachment_not_found"
    msgid = N_("附件不存在，或者链接已经过期。请回到原页面重新打开。")
