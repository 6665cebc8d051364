// Sentences of the scripts, Chinese. texts.en.js is its twin: same keys.
window.TEXTS = {
  reload: "重新载入", retry: "重试", close: "关闭", remove: "删除这张照片",
  offline: "现在没有网络。填的内容都在，连上后再提交即可。",
  online: "网络恢复了。",
  unreachable: "没有连上（网络中断）。内容都在，点“重试”即可。",
  unavailable: "服务暂时没有回应。内容都在，请过一会儿再试。",
  stillBusy: "还在提交，请稍等，不用重复点。",
  slow: "比平时慢一些，仍在提交。",
  restored: "已恢复您上次没提交的内容。", discard: "清空重填",
  removeFile: "去掉", filesMost: "最多 {n} 个附件，多选的没有加上。", fileLarge: "这个文件太大（超过 10 MB）。", fileBusy: "还有附件在上传，请等它传完再提交。",
  photoFailed: "没有传上去，点一下重试", photoType: "这不是照片，请选 JPG、PNG 或 HEIC 图片。",
  photoLarge: "这张照片太大（超过 20 MB），请换一张。",
  photoMost: "最多 {n} 张，多选的没有加上。", photoBusy: "还有照片在上传，请等它传完再提交。",
  photoLeft: "有照片没有传上去。点照片重试，或删掉它再提交。",
  photo: "照片", counted: "{n}/{most}", left: "还剩 {t}", late: "超 {t}", days: "{n} 天", picked: "已选 {n} 项",
};
