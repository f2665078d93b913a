extension ExaminationChannel.Role {
  /// What an installer called the point: English, French, a tag, or a short code.
  func name(language: Int) -> String {
    let names: [String] =
      switch self {
      case .speed: ["speed", "vitesse", "ST-101", "n"]
      case .load: ["load", "charge", "LT-900", "load_pct"]
      case .current: ["motor current", "courant moteur", "IT-110", "I_mot"]
      case .power: ["motor power", "puissance", "JT-111", "P_el"]
      case .torque: ["torque", "couple", "WT-112", "M_rel"]
      case .velocityDE: ["vibration drive end", "vibration CA", "VT-201", "vib_de"]
      case .velocityNDE: ["vibration non-drive end", "vibration COA", "VT-202", "vib_nde"]
      case .highDE: ["high frequency drive end", "accélération HF CA", "VT-211", "hf_de"]
      case .highNDE: ["high frequency non-drive end", "accélération HF COA", "VT-212", "hf_nde"]
      case .bearingDE: ["bearing temperature drive end", "température palier CA", "TT-301", "t_de"]
      case .bearingNDE:
        ["bearing temperature non-drive end", "température palier COA", "TT-302", "t_nde"]
      case .winding: ["winding temperature", "température bobinage", "TT-303", "t_wdg"]
      case .oil: ["oil temperature", "température huile", "TT-310", "t_oil"]
      case .medium: ["discharge temperature", "température refoulement", "TT-311", "t_dis"]
      case .mediumIn: ["return temperature", "température retour", "TT-312", "t_ret"]
      case .cooling: ["cooling water", "eau de refroidissement", "TT-313", "t_cw"]
      case .pressure: ["discharge pressure", "pression refoulement", "PT-401", "p_dis"]
      case .suction: ["suction pressure", "pression aspiration", "PT-402", "p_suc"]
      case .filter: ["filter differential", "delta P filtre", "PDT-403", "dp_filter"]
      case .separator: ["separator differential", "delta P séparateur", "PDT-404", "dp_sep"]
      case .flow: ["flow", "débit", "FT-501", "q"]
      case .drain: ["case drain flow", "débit de drain", "FT-502", "q_drain"]
      case .effort: ["cooling valve", "vanne de refroidissement", "ZT-601", "valve"]
      case .cycle: ["cycle time", "temps de cycle", "KT-701", "t_cycle"]
      case .level: ["level", "niveau", "LT-801", "lvl"]
      case .hall: ["ambient temperature", "température ambiante", "TT-390", "t_amb"]
      case .superheat: ["superheat", "surchauffe", "TT-320", "sh"]
      case .approach: ["condenser approach", "pincement condenseur", "TT-321", "approach"]
      case .supply: ["supply temperature", "température départ", "TT-322", "t_sup"]
      }
    return names[language]
  }
}
